package dev.ehlo.smtp.client.interop;

import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxResolver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** NSD, with the zone {@code mx.test} that a test gives it, and {@code broken.test}, of which it knows nothing. */
final class NsdServer implements AutoCloseable {
    private final Path directory;
    private final Daemon daemon;

    NsdServer(Path directory, String zone) throws IOException {
        this.directory = directory;
        String program = Peers.installed("/usr/sbin/nsd");
        int port = Peers.freePort();
        write(zone);
        Path configuration = configure(directory, port, List.of("mx.test", "broken.test"));
        daemon = new Daemon(List.of(program, "-d", "-c", configuration.toString()), directory.resolve("nsd.log"), port);
        MxResolver first = MxResolver.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        try {
            // It listens before it has read its zones.
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            first.resolve("null.mx.test").toCompletableFuture().get() instanceof MxAnswer.NullMx);
        } catch (RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    /** Has NSD serve those zones from the files of their names with {@code .zone} after them, as far as they are there. */
    static Path configure(Path directory, int port, List<String> zones) throws IOException {
        StringBuilder text = new StringBuilder("""
                server:
                  ip-address: 127.0.0.1@%1$d
                  server-count: 1
                  username: ""
                  chroot: ""
                  database: ""
                  zonesdir: "%2$s"
                  xfrdir: "%2$s"
                  xfrdfile: "%2$s/xfrd"
                  zonelistfile: "%2$s/zones"
                  pidfile: "%2$s/pid"
                remote-control:
                  control-enable: no
                """.formatted(port, directory));
        for (String zone : zones) {
            text.append("zone:\n  name: \"%1$s\"\n  zonefile: \"%1$s.zone\"\n".formatted(zone));
        }
        return Files.writeString(directory.resolve("nsd.conf"), text);
    }

    int port() {
        return daemon.port();
    }

    /** Has it serve another zone from some moment on. */
    void change(String zone) throws IOException, InterruptedException {
        write(zone);
        String pid = Files.readString(directory.resolve("pid"), StandardCharsets.US_ASCII);
        int failed = new ProcessBuilder("kill", "-HUP", pid.strip())
                .inheritIO()
                .start()
                .waitFor();
        if (failed != 0) {
            throw new IOException("no process " + pid);
        }
    }

    private void write(String zone) throws IOException {
        Files.writeString(directory.resolve("mx.test.zone"), zone, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        daemon.close();
    }
}

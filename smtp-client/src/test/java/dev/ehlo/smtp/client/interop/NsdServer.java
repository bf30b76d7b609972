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
        Path configuration = Files.writeString(directory.resolve("nsd.conf"), """
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
                zone:
                  name: "mx.test"
                  zonefile: "mx.zone"
                zone:
                  name: "broken.test"
                  zonefile: "no-such-file"
                """.formatted(port, directory));
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
        Files.writeString(directory.resolve("mx.zone"), zone, StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        daemon.close();
    }
}

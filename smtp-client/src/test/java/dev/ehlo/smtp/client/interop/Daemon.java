package dev.ehlo.smtp.client.interop;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A process that listens, with what it starts: begun and ended by the test, and by it alone. */
final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;
    private final int port;

    /** Started, and listening on all of those ports; what it says goes to that file. */
    Daemon(List<String> command, Path output, int... ports) throws IOException {
        this.output = output;
        this.port = ports[0];
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            for (int port : ports) {
                await().atMost(PATIENCE).until(() -> !process.isAlive() || isListening(port));
                if (!process.isAlive()) {
                    throw new IOException(command + " has ended: " + output());
                }
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private static boolean isListening(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** The first of its ports. */
    int port() {
        return port;
    }

    String output() throws IOException {
        return Files.readString(output, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        all.forEach(ProcessHandle::destroy);
        await().atMost(PATIENCE).until(() -> all.stream().noneMatch(Daemon::runs) && !process.isAlive());
    }

    /** Not if it has ended and nobody has asked how, as nobody does where the first process of a container is none of init. */
    static boolean runs(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }
}

package dev.ehlo.smtp.benchmarks.net;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** {@code openssl s_server} on a free port, which sends each line back reversed. */
final class OpensslServer implements AutoCloseable {
    private final Process process;
    private final InetSocketAddress address;

    OpensslServer(Path chain, Path key) throws IOException {
        process = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        chain.toString(),
                        "-key",
                        key.toString(),
                        "-rev")
                .redirectErrorStream(true)
                .start();
        address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port(process));
    }

    InetSocketAddress address() {
        return address;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** The port, from what it says first; the rest of what it says is read away. */
    private static int port(Process openssl) throws IOException {
        BufferedReader said =
                new BufferedReader(new InputStreamReader(openssl.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith("ACCEPT")) {
                Thread reader = new Thread(() -> said.lines().forEach(rest -> {}), "openssl-output");
                reader.setDaemon(true);
                reader.start();
                return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            }
        }
        throw new IOException("openssl says no port");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Python's aiosmtpd, with a handler that relays; by LMTP on a port of its own. */
final class AiosmtpdPeer implements MailPeer {
    private static final String PYTHON = "/usr/bin/python3";

    private final int clear = Peers.freePort();
    private final int implicit = Peers.freePort();
    private final int lmtp = Peers.freePort();
    private final Daemon daemon;

    AiosmtpdPeer(Path scratch, TestCertificate certificate, int onward) throws IOException {
        Peers.installed(PYTHON);
        Peers.installed("/usr/lib/python3/dist-packages/aiosmtpd/smtp.py");
        Path directory = Files.createDirectory(scratch.resolve("aiosmtpd"));
        certificate.writePem(directory.resolve("cert.pem"), directory.resolve("key.pem"));
        Path script = directory.resolve("peer.py");
        try (InputStream source = Objects.requireNonNull(getClass().getResourceAsStream("aiosmtpd.py"))) {
            Files.copy(source, script);
        }
        List<String> command = List.of(
                PYTHON,
                script.toString(),
                directory.toString(),
                String.valueOf(onward),
                String.valueOf(clear),
                String.valueOf(implicit),
                String.valueOf(lmtp));
        daemon = new Daemon(command, directory.resolve("out"), clear, implicit, lmtp);
    }

    int lmtpPort() {
        return lmtp;
    }

    @Override
    public int port(TlsMode mode) {
        return mode == TlsMode.IMPLICIT ? implicit : clear;
    }

    @Override
    public String log() throws IOException {
        return daemon.output();
    }

    @Override
    public void close() {
        daemon.close();
    }
}

package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** An OpenSMTPD, in a root directory of its own and in clear. */
final class OpenSmtpdPeer implements MailPeer {
    private static final String PROGRAM = "/usr/sbin/smtpd";

    private final int port = Peers.freePort();
    private final Daemon daemon;

    OpenSmtpdPeer(Path scratch, TestCertificate certificate, int onward) throws IOException {
        Path unpacked = Peers.unpacked("EHLO_OPENSMTPD", "opensmtpd", PROGRAM);
        Peers.needRoot("OpenSMTPD");
        PackageRoot root = new PackageRoot(scratch.resolve("opensmtpd"), unpacked, PROGRAM, "opensmtpd", "opensmtpq");
        root.directory("/var/lib/opensmtpd/empty");
        Files.setPosixFilePermissions(root.directory("/var/spool/smtpd"), PosixFilePermissions.fromString("rwx--x--x"));
        root.write("/etc/smtpd.conf", """
                listen on 127.0.0.1 port %d hostname opensmtpd.example
                action onward relay host smtp://127.0.0.1:%d
                match from any for rcpt-to "refused@example.net" reject
                match from any for any action onward
                """.formatted(port, onward));
        daemon = new Daemon(
                List.of("chroot", root.directory.toString(), PROGRAM, "-d", "-f", "/etc/smtpd.conf"),
                scratch.resolve("opensmtpd.out"),
                port);
    }

    @Override
    public int port(TlsMode mode) {
        return port;
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

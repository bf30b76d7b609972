package dev.ehlo.smtp.client.interop;

import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An Exim, in a root directory of its own. */
final class EximPeer implements MailPeer {
    private static final String PROGRAM = "/usr/sbin/exim4";

    private final PackageRoot root;
    private final int clear = Peers.freePort();
    private final int implicit = Peers.freePort();
    private final Daemon daemon;

    EximPeer(Path scratch, TestCertificate certificate, int onward) throws IOException {
        Path unpacked = Peers.unpacked("EHLO_EXIM", "exim", PROGRAM);
        Peers.needRoot("Exim");
        root = new PackageRoot(scratch.resolve("exim"), unpacked, PROGRAM, "Debian-exim");
        root.give(root.directory("/spool"));
        root.give(root.directory("/log"));
        certificate.writePem(root.at("/etc/cert.pem"), root.at("/etc/key.pem"));
        addPublicKey(root.at("/etc/key.pem"));
        root.give(root.at("/etc/key.pem"));
        root.write("/etc/exim4/exim4.conf", """
                primary_hostname = exim.example
                keep_environment =
                spool_directory = /spool
                log_file_path = /log/%%slog
                pid_file_path = /log/pid
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = %1$d : %2$d
                tls_on_connect_ports = %2$d
                tls_advertise_hosts = *
                tls_certificate = /etc/cert.pem
                tls_privatekey = /etc/key.pem
                tls_try_verify_hosts = *
                tls_verify_certificates = /etc/cert.pem
                acl_smtp_rcpt = rcpt
                host_lookup =
                rfc1413_query_timeout = 0s
                smtp_accept_max = 0
                smtp_accept_queue_per_connection = 0

                begin acl
                rcpt:
                  deny local_parts = refused
                       message = no such user
                  accept

                begin routers
                onward:
                  driver = manualroute
                  route_list = * 127.0.0.1
                  self = send
                  transport = onward

                begin transports
                onward:
                  driver = smtp
                  port = %3$d
                  hosts_avoid_tls = *

                begin authenticators
                plain:
                  driver = plaintext
                  public_name = PLAIN
                  server_prompts = :
                  server_condition = ${if and{{eq{$auth2}{user}}{eq{$auth3}{secret}}}}
                  server_set_id = $auth2
                cram:
                  driver = cram_md5
                  public_name = CRAM-MD5
                  server_secret = ${if eq{$auth1}{user}{secret}fail}
                  server_set_id = $auth1
                external:
                  driver = external
                  public_name = EXTERNAL
                  server_advertise_condition = $tls_in_certificate_verified
                  server_param2 = ${certextract {subject,CN} {$tls_in_peercert}}
                  server_condition = ${if eq{$auth2}{localhost}}
                  server_set_id = $auth2
                """.formatted(clear, implicit, onward));
        daemon = new Daemon(
                List.of("chroot", root.directory.toString(), PROGRAM, "-bdf"),
                scratch.resolve("exim.out"),
                clear,
                implicit);
    }

    /** GnuTLS takes no EC key without its public part, which the JDK leaves out. */
    private static void addPublicKey(Path key) throws IOException {
        String openssl = Peers.installed("/usr/bin/openssl");
        Process process = new ProcessBuilder(openssl, "ec", "-in", key.toString()).start();
        byte[] whole = process.getInputStream().readAllBytes();
        if (whole.length == 0) {
            throw new IOException(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        Files.write(key, whole);
    }

    @Override
    public int port(TlsMode mode) {
        return mode == TlsMode.IMPLICIT ? implicit : clear;
    }

    @Override
    public String log() throws IOException {
        Path log = root.at("/log/mainlog");
        return daemon.output() + (Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "");
    }

    /** With the processes that deliver: they outlive those that took the mail, and write into the directory. */
    @Override
    public void close() {
        daemon.close();
        List<ProcessHandle> delivering =
                ProcessHandle.allProcesses().filter(this::isOwn).toList();
        delivering.forEach(ProcessHandle::destroy);
        await().atMost(Duration.ofSeconds(60)).until(() -> delivering.stream().noneMatch(Daemon::runs));
    }

    private boolean isOwn(ProcessHandle process) {
        return process.info()
                .command()
                .filter(c -> c.startsWith(root.directory + "/"))
                .isPresent();
    }
}

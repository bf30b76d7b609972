package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;

/** A whole Postfix, from master to smtp. */
final class PostfixPeer implements MailPeer {
    /** Of sasl2-bin; where it is not installed, there is no login. */
    static final String SASLPASSWD = "/usr/sbin/saslpasswd2";

    private final Path directory;
    private final int clear = Peers.freePort();
    private final int implicit = Peers.freePort();
    private final Daemon daemon;

    PostfixPeer(Path scratch, TestCertificate certificate, int onward) throws IOException {
        String postfix = Peers.installed("/usr/sbin/postfix");
        Peers.needRoot("Postfix");
        directory = Files.createDirectory(scratch.resolve("postfix"));
        for (Path open : List.of(scratch, directory)) { // Postfix's processes are not root's
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path etc = Files.createDirectory(directory.resolve("etc"));
        Files.createDirectory(directory.resolve("queue"));
        Path data = Files.createDirectory(directory.resolve("data"));
        UserPrincipal owner =
                data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix");
        Files.setOwner(data, owner);
        certificate.writePem(etc.resolve("cert.pem"), etc.resolve("key.pem"));
        Files.writeString(etc.resolve("main.cf"), main(onward));
        if (Files.exists(Path.of(SASLPASSWD))) {
            logins(etc, owner);
        }
        Files.writeString(etc.resolve("master.cf"), master());
        daemon = new Daemon(
                List.of(postfix, "-c", etc.toString(), "start-fg"), directory.resolve("out"), clear, implicit);
    }

    /** The user of the tests, for Cyrus SASL, in a database that keeps the password as it is. */
    private void logins(Path etc, UserPrincipal owner) throws IOException {
        Path database = etc.resolve("sasldb2");
        Files.writeString(Files.createDirectory(etc.resolve("sasl")).resolve("smtpd.conf"), """
                pwcheck_method: auxprop
                auxprop_plugin: sasldb
                sasldb_path: %s
                mech_list: SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN
                """.formatted(database));
        Process process = new ProcessBuilder(
                        SASLPASSWD, "-p", "-c", "-f", database.toString(), "-u", "postfix.example", "user")
                .redirectErrorStream(true)
                .start();
        try (OutputStream password = process.getOutputStream()) {
            password.write("secret".getBytes(StandardCharsets.US_ASCII));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!Files.exists(database)) {
            throw new IOException("no database of users: " + said);
        }
        Files.setOwner(database, owner);
    }

    private String main(int onward) {
        return """
                compatibility_level = 3.6
                queue_directory = %1$s/queue
                data_directory = %1$s/data
                maillog_file_prefixes = %1$s
                maillog_file = %1$s/log
                myhostname = postfix.example
                mydestination =
                local_recipient_maps =
                local_header_rewrite_clients =
                alias_maps =
                alias_database =
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                mynetworks = 127.0.0.0/8
                smtpd_peername_lookup = no
                smtpd_recipient_restrictions = check_recipient_access inline:{ { refused@example.net = 550 5.1.1 no such user } }
                smtpd_client_connection_count_limit = 0
                smtpd_tls_chain_files = %1$s/etc/key.pem, %1$s/etc/cert.pem
                smtpd_tls_security_level = may
                smtpd_tls_received_header = no
                smtpd_sasl_auth_enable = yes
                smtpd_sasl_path = smtpd
                smtpd_sasl_local_domain = postfix.example
                smtpd_sasl_security_options = noanonymous
                smtpd_sasl_authenticated_header = yes
                smtpd_tls_auth_only = yes
                cyrus_sasl_config_path = %1$s/etc/sasl
                smtp_dns_support_level = disabled
                relayhost = [127.0.0.1]:%2$d
                """.formatted(directory, onward);
    }

    private String master() {
        return """
                postlog unix-dgram n - n - 1 postlogd
                tlsmgr unix - - n 1000? 1 tlsmgr
                anvil unix - - n - 1 anvil
                rewrite unix - - n - - trivial-rewrite
                proxymap unix - - n - - proxymap
                cleanup unix n - n - 0 cleanup
                qmgr unix n - n 300 1 qmgr
                scache unix - - n - 1 scache
                bounce unix - - n - 0 bounce
                defer unix - - n - 0 bounce
                trace unix - - n - 0 bounce
                error unix - - n - - error
                retry unix - - n - - error
                smtp unix - - n - - smtp
                127.0.0.1:%d inet n - n - - smtpd
                127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
                """.formatted(clear, implicit);
    }

    @Override
    public int port(TlsMode mode) {
        return mode == TlsMode.IMPLICIT ? implicit : clear;
    }

    @Override
    public String log() throws IOException {
        Path log = directory.resolve("log");
        return daemon.output() + (Files.exists(log) ? Files.readString(log) : "");
    }

    @Override
    public void close() {
        daemon.close();
    }
}

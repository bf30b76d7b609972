package dev.ehlo.smtp.mta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.Mechanism;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Postfix with configuration, queue and log in a directory of its own, which relays to a server of this project what it
 * is given: a port for each way to go on. Needs root, as Postfix does; else the test is passed over.
 */
final class PostfixServer implements AutoCloseable {
    /** By which it can log in, with the modules of Cyrus SASL. */
    static final List<Mechanism> MECHANISMS = List.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Process process;
    private final Map<Way, Integer> ports = new EnumMap<>(Way.class);
    private final Map<Mechanism, Integer> loginPorts = new EnumMap<>(Mechanism.class);

    /** Started, below that directory, relaying to that server, whose certificate it trusts alone. */
    PostfixServer(Path scratch, EhloProcess server, Path authority) throws Exception {
        String postfix = Peers.installed("/usr/sbin/postfix");
        assumeTrue(System.getProperty("user.name").equals("root"), "Postfix needs root");
        directory = Files.createDirectory(scratch.resolve("postfix"));
        open(scratch, "rwxr-xr-x"); // Postfix's processes are not root's
        open(directory, "rwxr-xr-x");
        open(authority.getParent(), "rwxr-xr-x");
        Path etc = Files.createDirectory(directory.resolve("etc"));
        Files.createDirectory(directory.resolve("queue"));
        Path data = Files.createDirectory(directory.resolve("data"));
        UserPrincipal owner =
                data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix");
        Files.setOwner(data, owner);
        Files.writeString(etc.resolve("main.cf"), main(server, authority));
        Files.writeString(etc.resolve("master.cf"), master(server));
        process = new ProcessBuilder(postfix, "-c", etc.toString(), "start-fg")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        for (int port : allPorts()) {
            try {
                Peers.awaitListening(port);
            } catch (RuntimeException e) {
                String out = Files.readString(directory.resolve("out"));
                close();
                throw new IOException("no Postfix: " + out + log(), e);
            }
        }
    }

    private static void open(Path directory, String permissions) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    }

    private String main(EhloProcess server, Path authority) {
        return """
                compatibility_level = 3.6
                queue_directory = %1$s/queue
                data_directory = %1$s/data
                maillog_file_prefixes = %1$s
                maillog_file = %1$s/log
                myhostname = postfix.example
                mydestination =
                local_recipient_maps =
                alias_maps =
                alias_database =
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                mynetworks = 127.0.0.0/8
                smtpd_peername_lookup = no
                smtp_dns_support_level = disabled
                smtp_tls_CAfile = %2$s
                smtp_tls_verify_cert_match = localhost
                smtp_sasl_security_options = noanonymous
                smtp_sasl_password_maps = inline:{ { localhost = %3$s:%4$s } }
                """.formatted(directory, authority, MailClient.USER, server.password());
    }

    private String master(EhloProcess server) throws IOException {
        StringBuilder master = new StringBuilder("""
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
                """);
        for (Way way : Way.values()) {
            int port = EhloProcess.freePort();
            ports.put(way, port);
            master.append("""
                    127.0.0.1:%d inet n - n - - smtpd -o content_filter=%s:[localhost]:%d
                    %2$s unix - - n - - smtp -o smtp_tls_security_level=%s
                      -o smtp_tls_wrappermode=%s -o smtp_sasl_auth_enable=%s
                    """.formatted(
                            port,
                            way,
                            server.port(way.profile),
                            way.tls == AngusClient.Tls.NONE ? "none" : "verify",
                            way.tls == AngusClient.Tls.IMPLICIT ? "yes" : "no",
                            way.hasLogin() ? "yes" : "no"));
        }
        for (Mechanism mechanism : MECHANISMS) {
            int port = EhloProcess.freePort();
            loginPorts.put(mechanism, port);
            master.append("""
                    127.0.0.1:%d inet n - n - - smtpd -o content_filter=%s:[localhost]:%d
                    %2$s unix - - n - - smtp -o smtp_tls_security_level=verify -o smtp_sasl_auth_enable=yes
                      -o smtp_sasl_mechanism_filter=%s
                    """.formatted(
                            port,
                            mechanism,
                            server.port("submission"),
                            mechanism.saslName().toLowerCase(Locale.ROOT)));
        }
        return master.toString();
    }

    private List<Integer> allPorts() {
        return Stream.concat(ports.values().stream(), loginPorts.values().stream())
                .toList();
    }

    /** Where it takes mail that is to go on that way. */
    int port(Way way) {
        return ports.get(way);
    }

    /** Where it takes mail that is to go on after a login by that mechanism. */
    int port(Mechanism mechanism) {
        return loginPorts.get(mechanism);
    }

    /** What it has to say of what it did. */
    String log() throws IOException {
        Path log = directory.resolve("log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** Ends the master, which ends all of its processes. */
    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        all.forEach(ProcessHandle::destroy);
        process.destroy();
        await().atMost(PATIENCE).until(() -> all.stream().noneMatch(ProcessHandle::isAlive) && !process.isAlive());
    }
}

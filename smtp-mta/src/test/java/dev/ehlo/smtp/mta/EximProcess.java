package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/**
 * An Exim that takes mail, with logins by PLAIN, where .ci/run has unpacked it. It believes that its user is known here,
 * by a view of its own of the files that say so. Needs root.
 */
final class EximProcess implements AutoCloseable {
    private static final String USER = "Debian-exim:x:64100:64100::/:/bin/false\n";
    private static final String GROUP = "Debian-exim:x:64100:\n";

    private final Path directory;
    private final Process process;

    EximProcess(Path scratch, Path chain, Path key, int port) throws Exception {
        String given = System.getenv("EHLO_EXIM");
        Path unpacked = Path.of(given != null ? given : System.getProperty("user.home") + "/.cache/ehlo/exim");
        String program = Peers.installed(unpacked.resolve("usr/sbin/exim4").toString());
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "Exim needs root");
        directory = Files.createDirectory(scratch.resolve("exim"));
        PostfixProcess.open(scratch);
        PostfixProcess.open(directory);
        for (String name : List.of("spool", "log")) {
            Path own = Files.createDirectory(directory.resolve(name));
            Files.setAttribute(own, "unix:uid", 64_100);
            Files.setAttribute(own, "unix:gid", 64_100);
        }
        Files.writeString(directory.resolve("passwd"), Files.readString(Path.of("/etc/passwd")) + USER);
        Files.writeString(directory.resolve("group"), Files.readString(Path.of("/etc/group")) + GROUP);
        Path configuration = directory.resolve("exim4.conf");
        Files.writeString(configuration, """
                primary_hostname = exim.example
                keep_environment =
                spool_directory = %1$s/spool
                log_file_path = %1$s/log/%%slog
                pid_file_path = %1$s/log/pid
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = %2$d
                tls_advertise_hosts = *
                tls_certificate = %3$s
                tls_privatekey = %4$s
                acl_smtp_rcpt = accept
                host_lookup =
                rfc1413_query_timeout = 0s
                begin authenticators
                plain:
                  driver = plaintext
                  public_name = PLAIN
                  server_prompts = :
                  server_condition = ${if and{{eq{$auth2}{user}}{eq{$auth3}{secret}}}}
                """.formatted(directory, port, chain, key));
        String run = "mount --bind passwd /etc/passwd; mount --bind group /etc/group; exec " + program + " -C "
                + configuration + " -bdf";
        process = new ProcessBuilder("unshare", "-m", "bash", "-ec", run)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        Peers.awaitListening(port);
    }

    /** What it has to say of what it did. */
    String log() throws IOException {
        return Files.readString(directory.resolve("log/mainlog"));
    }

    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        all.forEach(ProcessHandle::destroy);
        process.destroy();
        Awaitility.await().until(() -> !process.isAlive() && all.stream().noneMatch(ProcessHandle::isAlive));
    }
}

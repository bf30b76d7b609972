package dev.ehlo.smtp.mta;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;

/**
 * A Postfix with configuration, queue and log in a directory of its own. Needs root, as Postfix does; else the test is
 * passed over.
 */
final class PostfixProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String INSIDE = """
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
            """;

    private final Path directory;
    private final Process process;

    /**
     * Started, below that directory, and listening.
     *
     * @param main what main.cf says beyond what all have in common
     * @param services lines of master.cf for what listens and what delivers
     */
    PostfixProcess(Path scratch, String main, String services, List<Integer> ports) throws Exception {
        String postfix = Peers.installed("/usr/sbin/postfix");
        assumeTrue(System.getProperty("user.name").equals("root"), "Postfix needs root");
        directory = Files.createDirectory(scratch.resolve("postfix"));
        open(scratch); // Postfix's processes are not root's
        open(directory);
        Path etc = Files.createDirectory(directory.resolve("etc"));
        Files.createDirectory(directory.resolve("queue"));
        Path data = Files.createDirectory(directory.resolve("data"));
        UserPrincipal owner =
                data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix");
        Files.setOwner(data, owner);
        Files.writeString(etc.resolve("main.cf"), common(directory) + main);
        Files.writeString(etc.resolve("master.cf"), INSIDE + services);
        process = new ProcessBuilder(postfix, "-c", etc.toString(), "start-fg")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        for (int port : ports) {
            try {
                Peers.awaitListening(port);
            } catch (RuntimeException e) {
                String out = Files.readString(directory.resolve("out"));
                close();
                throw new IOException("no Postfix: " + out + log(), e);
            }
        }
    }

    private static String common(Path directory) {
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
                """.formatted(directory);
    }

    /** Lets users who are not root into that directory. */
    static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
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

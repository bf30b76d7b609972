package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator asks of a running server by {@code ./ehlo queue}. */
class QueueIT {
    @TempDir
    private Path scratch;

    /** As the launcher runs it, but for a JVM of its own. */
    private static EhloProcess.Result queue(Path data, String... words) {
        String[] arguments = arguments(data, words);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Ehlo.commandLine(InputStream.nullInputStream(), arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        return new EhloProcess.Result(command.execute(arguments), out.toString(), err.toString());
    }

    private static String[] arguments(Path data, String... words) {
        List<String> arguments = new ArrayList<>(List.of("queue"));
        arguments.addAll(List.of(words));
        arguments.addAll(List.of("--data", data.toString()));
        return arguments.toArray(String[]::new);
    }

    private EhloProcess.Result launched(Path data, String... words) throws Exception {
        return EhloProcess.run(scratch, "", arguments(data, words));
    }

    private void send(EhloProcess server, String message) throws Exception {
        new AngusClient(server.port("mx"), AngusClient.Tls.NONE)
                .send(null, null, MailClient.ADDRESS, message, MailClient.ADDRESS);
    }

    /** The first line of the first look on a terminal of that size. */
    private static String topOnATerminal(Path data, int rows, int columns) throws Exception {
        String command = "stty rows " + rows + " cols " + columns + "; exec " + EhloProcess.SCRIPT + ' '
                + String.join(" ", arguments(data, "top"));
        ProcessBuilder builder = new ProcessBuilder(Peers.installed("/usr/bin/script"), "-qec", command, "/dev/null");
        builder.environment().keySet().removeAll(List.of("LINES", "COLUMNS"));
        Process terminal = builder.redirectErrorStream(true).start();
        try (BufferedReader out = terminal.inputReader()) {
            return String.valueOf(out.readLine());
        } finally {
            terminal.descendants().forEach(ProcessHandle::destroy);
            terminal.destroy();
            terminal.waitFor();
        }
    }

    @Test
    void holdsAndReleasesDeliveriesAndTellsHowItIs() throws Exception {
        Path data = scratch.resolve("data");
        String message = Mail.empty("held");
        try (EhloProcess server = EhloProcess.serve(data, "--hold")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("control"))))
                    .isEqualTo("rwx------");
            send(server, message);

            EhloProcess.Result status = launched(data, "status");
            assertThat(status.exitCode()).as(status.all()).isZero();
            assertThat(status.out().lines())
                    .containsExactly(
                            "queue        sound",
                            "deliveries   held",
                            "messages     1: 1 ready, 0 deferred, 0 in flight",
                            status.out().lines().toList().get(3));
            assertThat(queue(data, "status", "--json").out())
                    .matches("\\{\"sound\":true,\"held\":true,\"messages\":1,\"ready\":1,\"deferred\":0,\"attempts\":0,"
                            + "\"accepted\":1,\"syncs\":[1-9][0-9]*}\n");

            assertThat(queue(data, "release")).isEqualTo(new EhloProcess.Result(0, "", ""));
            Mail.arrived(data, "user", message);
            assertThat(queue(data, "status").out()).contains("deliveries   running");
            assertThat(queue(data, "hold").exitCode()).isZero();
            assertThat(queue(data, "status").out()).contains("deliveries   held");
            assertThat(queue(data, "resume")).as("of a sound queue").isEqualTo(new EhloProcess.Result(0, "", ""));
            assertThat(server.stop()).isZero();
        }
        EhloProcess.Result gone = launched(data, "status");
        assertThat(gone.exitCode()).isEqualTo(2);
        assertThat(gone.err()).startsWith("ehlo: no server").contains(data.toString());
        assertThat(gone.err().lines()).hasSize(1);
    }

    @Test
    void listsAndChangesWhatIsInTheQueue() throws Exception {
        Path data = scratch.resolve("data");
        String message = Mail.empty("kept");
        String id;
        try (EhloProcess server = EhloProcess.serve(data, "--hold")) {
            send(server, message);
            EhloProcess.Result list = launched(data, "list", "--to", "LOCALHOST");
            assertThat(list.exitCode()).as(list.all()).isZero();
            assertThat(list.out().lines()).hasSize(2);
            id = list.out().lines().toList().get(1).substring(0, 13);
            assertThat(list.out()).contains("ready", "<" + MailClient.ADDRESS + ">");
            assertThat(queue(data, "list", "--to", "other.test", "--json"))
                    .isEqualTo(new EhloProcess.Result(0, "", ""));

            assertThat(queue(data, "top", "--once").out()).contains("1 messages: 1 ready", "localhost ");
            assertThat(topOnATerminal(data, 9, 40))
                    .isEqualTo("\u001b[Hqueue sound, deliveries held, 1 messages\u001b[K");
            assertThat(queue(data, "hold", id).out()).isEqualTo("hold: 1 messages, 1 recipients\n");
            assertThat(server.stop()).isZero();
        }
        try (EhloProcess server = EhloProcess.serve(data)) {
            EhloProcess.Result shown = queue(data, "show", id);
            assertThat(shown.out()).contains("id           " + id, "held, 0 attempts, next when it is released");
            assertThat(queue(data, "release", "--all").out()).isEqualTo("release: 1 messages, 1 recipients\n");
            Mail.arrived(data, "user", message);
            assertThat(queue(data, "hold").exitCode()).isZero();
            send(server, message);
            assertThat(queue(data, "remove", "--recipient", MailClient.ADDRESS).out())
                    .isEqualTo("remove: 1 messages, 1 recipients\n");
            EhloProcess.Result gone = queue(data, "show", id);
            assertThat(gone.exitCode()).as(gone.all()).isOne();
            assertThat(server.stop()).isZero();
        }
    }

    @Test
    void suppressesAMailboxAndReturnsItsMail() throws Exception {
        Path data = scratch.resolve("data");
        try (EhloProcess server = EhloProcess.serve(data)) {
            assertThat(queue(data, "suppress", "add", "Gone@Y.example", "--reason", "has left  us", "--for", "30d"))
                    .isEqualTo(new EhloProcess.Result(0, "", ""));
            new AngusClient(server.port("submission"), AngusClient.Tls.STARTTLS)
                    .send("user", server.password(), MailClient.ADDRESS, Mail.empty("returned"), "gone@y.example");
            assertThat(Mail.arrived(data, "user", 1).get(0))
                    .contains("550 5.7.1 not delivered, as gone@y.example is suppressed here: has left  us\r\n");
            assertThat(queue(data, "suppress", "list", "--json").out())
                    .matches("\\{\"target\":\"gone@y.example\",\"since\":\"[-0-9T:.]+Z\",\"until\":\"[-0-9T:.]+Z\","
                            + "\"reason\":\"has left  us\"}\n");
            assertThat(queue(data, "suppress", "remove", "z.example").err())
                    .isEqualTo("ehlo: unsuppress: z.example is not suppressed\n");
            assertThat(server.stop()).isZero();
        }
    }

    @Test
    void saysInTheLogThatMailInMemoryIsLostWithTheProcess() throws Exception {
        Path data = scratch.resolve("data");
        String message = Mail.empty("memory");
        try (EhloProcess server = EhloProcess.serve(data, "--durability", "none")) {
            send(server, message);
            Mail.arrived(data, "user", message);
            assertThat(queue(data, "status", "--json").out()).contains("\"syncs\":0");
        }
        assertThat(Files.readString(scratch.resolve("data.log")))
                .contains("kept in memory alone")
                .contains("lost");
        try (EhloProcess server = EhloProcess.serve(data)) {
            assertThat(server.stop()).as("after a kill that left the socket").isZero();
        }
    }

    @Test
    void servesWithoutASocketWhereThePathIsTooLong() throws Exception {
        Path data = scratch.resolve("x".repeat(120));
        try (EhloProcess server = EhloProcess.serve(data)) {
            assertThat(server.stop()).isZero();
        }
        assertThat(Files.readString(scratch.resolve(data.getFileName() + ".log")))
                .contains("no control socket");
    }
}

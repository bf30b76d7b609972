package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator asks of a running server by {@code ./ehlo queue}. */
class QueueIT {
    @TempDir
    private Path scratch;

    private EhloProcess.Result queue(Path data, String... words) throws Exception {
        String[] arguments = new String[words.length + 3];
        arguments[0] = "queue";
        System.arraycopy(words, 0, arguments, 1, words.length);
        arguments[words.length + 1] = "--data";
        arguments[words.length + 2] = data.toString();
        return EhloProcess.run(scratch, "", arguments);
    }

    private void send(EhloProcess server, String message) throws Exception {
        new AngusClient(server.port("mx"), AngusClient.Tls.NONE)
                .send(null, null, MailClient.ADDRESS, message, MailClient.ADDRESS);
    }

    @Test
    void holdsAndReleasesDeliveriesAndTellsHowItIs() throws Exception {
        Path data = scratch.resolve("data");
        String message = Mail.empty("held");
        try (EhloProcess server = EhloProcess.serve(data, "--hold")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("control"))))
                    .isEqualTo("rwx------");
            send(server, message);

            EhloProcess.Result status = queue(data, "status");
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
        EhloProcess.Result gone = queue(data, "status");
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
            EhloProcess.Result list = queue(data, "list", "--to", "LOCALHOST");
            assertThat(list.exitCode()).as(list.all()).isZero();
            assertThat(list.out().lines()).hasSize(2);
            id = list.out().lines().toList().get(1).substring(0, 13);
            assertThat(list.out()).contains("ready", "<" + MailClient.ADDRESS + ">");
            assertThat(queue(data, "list", "--to", "other.test", "--json"))
                    .isEqualTo(new EhloProcess.Result(0, "", ""));

            assertThat(queue(data, "top", "--once").out()).contains("1 messages: 1 ready", "localhost ");
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

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator is told of a queue that is at fault, by a socket that says so. */
@Timeout(60)
class QueueCommandTest {
    @TempDir
    private Path scratch;

    private record Result(int exitCode, String out, String err) {}

    private Result run(Map<String, ControlSocket.Verb> verbs, String... words) throws Exception {
        DataDirectory data = DataDirectory.at(scratch.resolve("data"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Ehlo.commandLine(InputStream.nullInputStream());
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        try (ControlSocket socket = ControlSocket.listen(data.control(), verbs)) {
            assertThat(socket).isNotNull();
            List<String> arguments = new java.util.ArrayList<>(List.of("queue"));
            arguments.addAll(List.of(words));
            arguments.addAll(List.of("--data", data.path().toString()));
            int exitCode = command.execute(arguments.toArray(String[]::new));
            return new Result(exitCode, out.toString(), err.toString());
        }
    }

    private static Map<String, String> atFault() {
        Map<String, String> said = new LinkedHashMap<>();
        said.put("sound", "false");
        said.put("fault", "disk \"a\" is\ngone");
        said.put("held", "false");
        for (String name : List.of("messages", "ready", "deferred", "attempts", "accepted", "syncs")) {
            said.put(name, String.valueOf(name.length()));
        }
        return said;
    }

    @Test
    void tellsOfAFaultInWordsAndByItsExitCode() throws Exception {
        Map<String, ControlSocket.Verb> verbs = Map.of("status", ControlSocket.Verb.brief(arguments -> atFault()));

        assertThat(run(verbs, "status")).isEqualTo(new Result(1, """
                        queue        at fault: disk "a" is\\u000agone
                        deliveries   running
                        messages     8: 5 ready, 8 deferred, 8 in flight
                        accepted     8 since the start, with 5 syncs
                        """, ""));
        assertThat(run(verbs, "status", "--json"))
                .isEqualTo(new Result(
                        1,
                        "{\"sound\":false,\"fault\":\"disk \\\"a\\\" is\\\\u000agone\",\"held\":false,\"messages\":8,\"ready\":5,"
                                + "\"deferred\":8,\"attempts\":8,\"accepted\":8,\"syncs\":5}\n",
                        ""));
    }

    @Test
    void tellsWhyItCantBeResumed() throws Exception {
        Map<String, ControlSocket.Verb> verbs = Map.of("resume", (arguments, lines) -> {
            throw new IOException("spool still at fault");
        });

        assertThat(run(verbs, "resume")).isEqualTo(new Result(2, "", "ehlo: resume: spool still at fault\n"));
        assertThat(run(verbs, "hold").err()).startsWith("ehlo: hold: no such request: hold; there are resume");
    }

    private static final String ROW =
            "id=1m7yzmhg00000 arrival=2026-11-22T10:00:00Z from=a%40b%1B[2J octets=12 parameters=";
    private static final String RECIPIENT =
            "to=%22x%20y%22@d.test state=deferred attempts=3 next=2026-11-22T11:00:00Z parameters= reply=450%20no%1B]0;%07";

    private static Map<String, ControlSocket.Verb> listing(String... end) {
        return Map.of("list", (arguments, lines) -> {
            assertThat(ControlWords.read(arguments)).containsEntry("to", "d.test");
            lines.say("message", ROW);
            lines.say("recipient", RECIPIENT);
            lines.say("message", ROW.replace("000 ", "001 "));
            lines.say("recipient", RECIPIENT);
            for (String last : end) {
                lines.say(ControlSocket.END, last);
            }
        });
    }

    @Test
    void listsInLinesThatNothingInThemCanLeave() throws Exception {
        Result result = run(listing("more=true"), "list", "--to", "d.test", "--limit", "2");

        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEqualTo("ehlo: there are more than 2 (see --limit)\n");
        assertThat(result.out().lines()).hasSize(3);
        assertThat(result.out().lines().toList().get(2))
                .startsWith("1m7yzmhg00001 ")
                .endsWith("deferred    3     now  <a@b\\u001b[2J> -> <\"x y\"@d.test> (450 no\\u001b]0;\\u0007)");
    }

    @Test
    void listsAnObjectOfJsonForEachMessage() throws Exception {
        Result result = run(listing("more=false"), "list", "--to", "d.test", "--json");

        assertThat(result.err()).isEmpty();
        assertThat(result.out().lines())
                .hasSize(2)
                .first()
                .isEqualTo("{\"id\":\"1m7yzmhg00000\",\"arrival\":\"2026-11-22T10:00:00Z\","
                        + "\"from\":\"a@b\\u001b[2J\",\"octets\":12,\"parameters\":\"\",\"recipients\":["
                        + "{\"to\":\"\\\"x y\\\"@d.test\",\"state\":\"deferred\",\"attempts\":3,"
                        + "\"next\":\"2026-11-22T11:00:00Z\",\"parameters\":\"\","
                        + "\"reply\":\"450 no\\u001b]0;\\u0007\"}]}");
    }

    @Test
    void looksOnceWhereMailWaitsAndLetsNothingMoveTheTerminal() throws Exception {
        Map<String, ControlSocket.Verb> verbs = Map.of("top", (arguments, lines) -> {
            assertThat(ControlWords.read(arguments)).containsKey("rows");
            lines.say("totals", "held=true messages=7 ready=4 in-flight=1 deferred=2 on-hold=0");
            lines.say("age", "below=%3C1m deliveries=5");
            lines.say("age", "below=older deliveries=2");
            lines.say(
                    "destination",
                    "domain=slow%1B[31m.test ready=4 in-flight=1 deferred=2 held=0 oldest=2026-11-22T10:00:00Z"
                            + " lane=slow window=3 relayed=12 suspended=17s reply=421%20go%1B[2Jaway");
            lines.say(ControlSocket.END, "at=now");
        });

        Result result = run(verbs, "top", "--once");

        assertThat(result.err()).isEmpty();
        assertThat(result.out()).doesNotContain("\u001b");
        List<String> lines = result.out().lines().toList();
        assertThat(lines.get(0))
                .isEqualTo("queue sound, deliveries held, 7 messages: 4 ready, 1 in flight, 2 deferred, 0 held");
        assertThat(lines.get(1)).isEqualTo("age  <1m 5  older 2");
        assertThat(lines.get(4)).startsWith("slow\\u001b[31m.test ").endsWith("    17s  421 go\\u001b[2Jaway");
    }

    @Test
    void tellsTheRateBetweenTwoLooksAndCutsLinesToTheirWidth() {
        TopScreen screen = new TopScreen();
        String row = "domain=d.test oldest=1970-01-01T00:00:00Z lane=d relayed=";
        screen.take("destination", row + "100");
        assertThat(screen.lines(java.time.Instant.EPOCH, 1_000_000_000L, 200).get(4))
                .containsPattern("-  *now");
        screen.take("destination", row + "125");
        List<String> lines = screen.lines(java.time.Instant.EPOCH, 3_000_000_000L, 90);
        assertThat(lines).hasSize(5).allMatch(line -> line.length() <= 90);
        assertThat(lines.get(4)).contains(" 12.5 ");
    }

    @Test
    void saysThatAListBrokeOff() throws Exception {
        Result result = run(listing(), "list", "--to", "d.test");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("ehlo: the answer of the server at ")
                .endsWith(" broke off\n");
    }

    @Test
    void asksWhichMessagesBeforeItChangesAll() throws Exception {
        Map<String, ControlSocket.Verb> verbs = Map.of("remove", ControlSocket.Verb.brief(arguments -> {
            assertThat(ControlWords.read(arguments)).isEqualTo(Map.of("all", "true"));
            return Map.of("messages", "3", "recipients", "4", "in-flight", "1");
        }));

        assertThat(run(verbs, "remove").err()).isEqualTo("ehlo: remove: which messages? (--all for all)\n");
        assertThat(run(verbs, "remove", "--all", "--to", "d.test").err())
                .isEqualTo("ehlo: remove: all, or which messages?\n");
        assertThat(run(verbs, "remove", "--all"))
                .isEqualTo(new Result(
                        0, "remove: 3 messages, 4 recipients, 1 of them once their attempt has ended\n", ""));
    }
}

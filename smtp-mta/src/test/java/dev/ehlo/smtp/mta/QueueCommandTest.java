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
        Map<String, ControlSocket.Verb> verbs = Map.of("status", arguments -> atFault());

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
        Map<String, ControlSocket.Verb> verbs = Map.of("resume", arguments -> {
            throw new IOException("spool still at fault");
        });

        assertThat(run(verbs, "resume")).isEqualTo(new Result(2, "", "ehlo: resume: spool still at fault\n"));
        assertThat(run(verbs, "hold").err()).startsWith("ehlo: hold: no such request: hold; there are resume");
    }
}

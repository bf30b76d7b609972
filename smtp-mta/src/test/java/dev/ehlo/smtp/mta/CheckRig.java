package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code ehlo check} as the command line has it, and what it says at the end. */
abstract class CheckRig {
    static final TestCertificate GOOD = TestCertificate.selfSigned("localhost", "mx.example.org");

    @TempDir
    Path scratch;

    record Result(int exitCode, String out) {
        /** What begins with that word, each sentence in one line. */
        List<String> sentences(String word) {
            List<String> sentences = new ArrayList<>();
            for (String line : out.lines().toList()) {
                if (line.matches("(WRONG |ADVICE|GOOD  ) .*")) {
                    sentences.add(line);
                } else if (!sentences.isEmpty()) {
                    int last = sentences.size() - 1;
                    sentences.set(last, sentences.get(last) + ' ' + line.strip());
                }
            }
            return sentences.stream()
                    .filter(each -> each.startsWith(word))
                    .map(each -> each.substring(7))
                    .toList();
        }
    }

    Result check(String... arguments) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(List.of(arguments));
        CommandLine command = Ehlo.commandLine(InputStream.nullInputStream());
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
        return new Result(command.execute(all.toArray(String[]::new)), out.toString());
    }

    Result check(ScriptedPeer peer, String role, TestCertificate authority, String... more) throws Exception {
        Path ca = scratch.resolve("ca.pem");
        authority.writePem(ca, scratch.resolve("key.pem"));
        List<String> all = new ArrayList<>(
                List.of("localhost:" + peer.port(), "--port", role + "=" + peer.port(), "--ca", ca.toString()));
        all.addAll(List.of(more));
        return check(all.toArray(String[]::new));
    }

    static void assertWrong(Result result, String... sentences) {
        assertThat(result.exitCode()).as(result.out()).isEqualTo(1);
        List<String> said = result.sentences("WRONG");
        assertThat(said).as(result.out()).hasSize(sentences.length);
        for (int i = 0; i < sentences.length; i++) {
            assertThat(said.get(i)).contains(sentences[i]).endsWith(".");
        }
    }

    static void assertGood(Result result) {
        assertThat(result.exitCode()).as(result.out()).isZero();
        assertThat(result.sentences("GOOD")).hasSize(1);
        assertThat(result.sentences("WRONG")).isEmpty();
    }

    static ScriptedPeer.Builder submission(TestCertificate certificate) {
        return ScriptedPeer.builder().startTls(certificate.serverContext()).login("user", "secret");
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Reply;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A process of its own that accepts mail, is killed with SIGKILL right after an acknowledgement, and has lost nothing. */
@ExtendWith(Quiet.class)
class KillTest {
    private static final int MESSAGES = 60;

    @TempDir
    Path directory;

    /** The child: accepts messages of many sizes from four threads, and prints what it acknowledged. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            MailQueue queue = MailQueue.builder()
                    .spool(Spool.directory(Path.of(arguments[0])))
                    .agent((envelope, content) -> new CompletableFuture<>())
                    .start();
            for (int i = 0; i < 4; i++) {
                int thread = i;
                new Thread(() -> accept(queue, thread)).start();
            }
        }

        private static void accept(MailQueue queue, int thread) {
            try {
                for (int seed = thread; ; seed += 4) {
                    Reply reply = Mail.put(queue, Mail.THREE, content(seed));
                    synchronized (System.out) {
                        System.out.println(reply.text() + ' ' + seed);
                    }
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static byte[] content(int seed) {
        return Mail.octets(seed % 10 == 7 ? 300_000 : 100 * (seed % 50), seed);
    }

    @Test
    void losesNothingThatWasAcknowledged() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile", ""),
                        Child.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Integer> acknowledged = new HashMap<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (line != null && !line.isEmpty()) {
                String[] words = line.split(" ", -1);
                if (words.length != 4) {
                    break;
                }
                acknowledged.put(words[2], Integer.valueOf(words[3]));
                if (acknowledged.size() == MESSAGES) {
                    child.destroyForcibly();
                }
                line = lines.readLine();
            }
        } catch (IOException e) {
            assertThat(e).as("the pipe of a killed process").hasMessageContaining("closed");
        } finally {
            child.destroyForcibly();
        }
        assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(128 + 9);
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(MESSAGES);

        try (Spool spool = Spool.directory(directory)) {
            List<SpooledMessage> found = Mail.start(spool);
            Set<String> missing = new HashSet<>(acknowledged.keySet());
            for (SpooledMessage message : found) {
                Integer seed = acknowledged.get(message.id().toString());
                if (seed != null) {
                    assertThat(message.pending()).hasSize(3);
                    assertThat(Mail.read(message.content())).isEqualTo(content(seed));
                    missing.remove(message.id().toString());
                }
            }
            assertThat(missing).isEmpty();
        }
    }
}

package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the package's walk-through, and of README.md for this module, compile and do what they say. */
class WalkThroughTest {
    private static final Path PACKAGE =
            Path.of("src", "main", "java", "dev", "ehlo", "smtp", "codec", "package-info.java");
    private static final Pattern IN_PACKAGE = Pattern.compile("<pre>\\{@code\\n(.*?)\\n \\* }</pre>", Pattern.DOTALL);
    private static final Pattern IN_README = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private static Path scratch;

    private static Class<?> examples = WalkThroughTest.class;

    @BeforeAll
    static void compile() throws Exception {
        StringBuilder methods = new StringBuilder();
        List<String> bodies = new ArrayList<>(found(IN_PACKAGE, PACKAGE));
        bodies.replaceAll(body -> body.replaceAll("(?m)^ \\* ?", ""));
        found(IN_README, Path.of("..", "README.md")).stream()
                .filter(example -> example.contains("CommandParser"))
                .forEach(bodies::add);
        assertThat(bodies).hasSize(6);
        for (int i = 0; i < bodies.size(); i++) {
            methods.append("public static void example%d(ByteBuffer in, ByteBuffer out) { %s\n}\n"
                    .formatted(i, bodies.get(i)));
        }
        Path source = Files.writeString(scratch.resolve("Examples.java"), """
                import dev.ehlo.smtp.*;
                import dev.ehlo.smtp.codec.*;
                import java.nio.ByteBuffer;
                import java.util.Map;
                public class Examples {
                %s
                }
                """.formatted(methods));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        System.out,
                        System.err,
                        "-proc:none",
                        "-cp",
                        Path.of("target", "classes").toString(),
                        "-d",
                        scratch.toString(),
                        source.toString());
        assertThat(status).isZero();
        examples = new URLClassLoader(new URL[] {scratch.toUri().toURL()}, WalkThroughTest.class.getClassLoader())
                .loadClass("Examples");
    }

    private static List<String> found(Pattern example, Path file) throws IOException {
        return example.matcher(Files.readString(file))
                .results()
                .map(m -> m.group(1))
                .toList();
    }

    private static String run(int example, String octets) throws ReflectiveOperationException {
        ByteBuffer in = ByteBuffer.wrap(Wire.octets(octets));
        ByteBuffer out = ByteBuffer.allocate(4096);
        examples.getMethod("example" + example, ByteBuffer.class, ByteBuffer.class)
                .invoke(null, in, out);
        byte[] put = new byte[out.flip().remaining()];
        out.get(put);
        return Wire.latin1(put);
    }

    @Test
    void answersCommands() throws Exception {
        String lines = "MAIL FROM:<a@example.org> SIZE=7\r\nMAIL FROM:<a\r\nRSET\r\nQUIT\r\nNO";
        assertThat(run(0, lines).lines())
                .containsExactly(
                        "250 2.1.0 7 octets from a@example.org",
                        "501 5.1.7 Malformed reverse-path",
                        "502 5.5.1 Not implemented",
                        "221 2.0.0 Bye");
    }

    @Test
    void readsWhatAServerOffers() throws Exception {
        assertThat(run(1, "250-mx.example\r\n250-SIZE 5000\r\n250 AUTH PLAIN\r\n"))
                .isEqualTo("AUTH PLAIN AHVzZXIAc2VjcmV0\r\nMAIL FROM:<a@example.org> SIZE=1000\r\n");
        assertThat(run(1, "250 mx.example\r\n")).isEqualTo("MAIL FROM:<a@example.org>\r\n");
        assertThat(run(1, "554 no\r\n")).isEmpty();
    }

    @Test
    void takesContent() throws Exception {
        assertThat(run(2, "A: b\r\n\r\n..c\r\n.\r\n")).isEqualTo("A: b\r\n\r\n.c\r\n");
        assertThat(run(2, "A: b\r\n\r\nc\nd\r\n.\r\n")).isEmpty();
        assertThat(run(2, "Received: x\r\n".repeat(101) + ".\r\n")).isEmpty();
    }

    @Test
    void sendsContent() throws Exception {
        assertThat(run(3, "A: b\r\n\r\n.c\r\n")).isEqualTo("A: b\r\n\r\n..c\r\n.\r\n");
    }

    @Test
    void handsOnWhoTheClientIs() throws Exception {
        assertThat(run(4, "PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n")).isEqualTo("XCLIENT ADDR=192.0.2.1\r\n");
        assertThat(run(4, "PROXY UNKNOWN\r\n")).isEmpty();
    }

    @Test
    void doesWhatTheReadmeSays() throws Exception {
        String offered = "250-mx.example.org\r\n250 SIZE 1000000\r\n";
        assertThat(run(5, "MAIL FROM:<a@example.org> SIZE=1000000\r\n..a\r\n.\r\n"))
                .isEqualTo(offered + "250 2.1.0 OK\r\n.a\r\n");
        assertThat(run(5, "MAIL FROM:<a@example.org> SIZE=1000001\r\n.\r\n"))
                .isEqualTo(offered + "552 5.3.4 Too large\r\n");
    }
}

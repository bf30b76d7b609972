package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The program of README.md, which knows Jakarta Mail alone, run on the module path and on the class path: with this module there it sends
 * by it, and without it by Angus. It closes nothing, and ends.
 */
class ModulePathIT {
    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"), "bin");
    private static final List<String> OURS = List.of(
            "smtp-jakarta",
            "smtp-client",
            "smtp-codec",
            "smtp-tls",
            "slf4j-api",
            "jctools-core",
            "jctools-core-jdk11",
            "bcprov-jdk18on",
            "bcutil-jdk18on",
            "bcpkix-jdk18on",
            "dnsjava");
    private static final List<String> ANGUS =
            List.of("jakarta.mail-api", "jakarta.activation-api", "angus-mail", "angus-activation");

    private static final Pattern PROGRAM = Pattern.compile("```java\\n(import jakarta\\.mail.*?)```", Pattern.DOTALL);

    @TempDir
    private Path scratch;

    @ParameterizedTest
    @CsvSource({"true,true", "false,true", "true,false", "false,false"})
    void takesWhatIsThere(boolean isOnModulePath, boolean isOurs) throws Exception {
        List<String> names = new ArrayList<>(ANGUS);
        if (isOurs) {
            names.addAll(OURS);
        }
        String path = path(names);
        Path classes = compile(path);
        String all = path + File.pathSeparator + classes;
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            List<String> command =
                    new ArrayList<>(List.of(JAVA_HOME.resolve("java").toString()));
            command.addAll(
                    isOnModulePath
                            ? List.of("-p", all, "-m", "program/program.Hello")
                            : List.of("-cp", all, "program.Hello"));
            command.add("127.0.0.1");
            command.add(String.valueOf(peer.port()));
            String expected = isOurs
                    ? "dev.ehlo.smtp.jakarta.SmtpTransport\ndev.ehlo.smtp.jakarta.SmtpsTransport\n"
                    : "org.eclipse.angus.mail.smtp.SMTPTransport\norg.eclipse.angus.mail.smtp.SMTPSSLTransport\n";
            assertThat(run(command)).isEqualTo(expected);
            assertThat(peer.awaitMessage(Duration.ofSeconds(20)).recipients()).containsExactly("b@example.net");
        }
    }

    @Test
    void requiresAndExportsWhatTheArrowsSayAndNoMore() throws Exception {
        String described =
                run(List.of(JAVA_HOME.resolve("java").toString(), "-p", path(OURS), "-d", "dev.ehlo.smtp.jakarta"));
        assertThat(described.lines().skip(1))
                .containsExactlyInAnyOrder(
                        "exports dev.ehlo.smtp.jakarta",
                        "requires dev.ehlo.smtp.client transitive",
                        "requires jakarta.mail transitive",
                        "requires java.base mandated",
                        "requires org.jspecify static",
                        "requires org.slf4j",
                        "provides jakarta.mail.Provider with dev.ehlo.smtp.jakarta.SmtpProvider"
                                + " dev.ehlo.smtp.jakarta.SmtpsProvider");
    }

    private Path compile(String path) throws Exception {
        Path sources = Files.createDirectories(scratch.resolve("src"));
        Files.writeString(sources.resolve("module-info.java"), "module program { requires jakarta.mail; }");
        Matcher program = PROGRAM.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(program.find()).isTrue();
        Files.writeString(sources.resolve("Hello.java"), "package program;\n" + program.group(1));
        Path classes = scratch.resolve("classes");
        run(List.of(
                JAVA_HOME.resolve("javac").toString(),
                "-Xlint:all",
                "-Werror",
                "-p",
                path,
                "-d",
                classes.toString(),
                sources.resolve("module-info.java").toString(),
                sources.resolve("Hello.java").toString()));
        return classes;
    }

    private String run(List<String> command) throws Exception {
        Path out = scratch.resolve("out");
        Path errors = scratch.resolve("errors");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(errors.toFile())
                .start();
        boolean isOver = process.waitFor(60, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(isOver).as("ends").isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(out) + Files.readString(errors))
                .isZero();
        return Files.readString(out);
    }

    /** Of the class path of this test, the entries of these names: jars, or classes in the tree. */
    private static String path(List<String> names) {
        List<String> entries = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(e -> names.stream()
                        .anyMatch(n -> e.endsWith("/" + n + "/target/classes")
                                || Path.of(e).getFileName().toString().matches(n + "-[0-9].*\\.jar")))
                .collect(Collectors.toList());
        assertThat(entries).hasSameSizeAs(names);
        return String.join(File.pathSeparator, entries);
    }
}

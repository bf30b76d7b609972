package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in README.md compile as they stand there, and its commands are those that the launcher knows. */
class ReadmeIT {
    private static final Path README = Path.of("..", "README.md");
    private static final Pattern EXAMPLE = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]+");

    @TempDir
    private Path scratch;

    @Test
    void itsExamplesCompile() throws Exception {
        List<String> examples = new ArrayList<>();
        Matcher example = EXAMPLE.matcher(Files.readString(README));
        while (example.find()) {
            if (!example.group(1).startsWith("import ")) { // a whole program, which ModulePathIT of smtp-jakarta runs
                examples.add(example.group(1));
            }
        }
        assertThat(examples).hasSize(7);
        Path source = scratch.resolve("Examples.java");
        Files.writeString(source, """
                import dev.ehlo.smtp.*;
                import dev.ehlo.smtp.client.*;
                import dev.ehlo.smtp.codec.*;
                import dev.ehlo.smtp.queue.*;
                import dev.ehlo.smtp.server.*;
                import dev.ehlo.smtp.tls.*;
                import java.net.InetSocketAddress;
                import java.nio.ByteBuffer;
                import java.nio.file.Path;
                import java.time.Duration;
                import java.util.List;
                import java.util.Optional;
                import java.util.concurrent.CompletionStage;
                import java.util.concurrent.atomic.AtomicInteger;
                class Examples {
                    interface Users { Optional<String> check(String login, String password); }
                    void server(Path chain, Path key, Users users, MailQueue queue) throws Exception { %s }
                    interface Owners { Optional<String> whose(String token); }
                    void limits(Authenticator users, Owners tokens, AtomicInteger waiting) { %s }
                    void profiles() { %s }
                    void certificates(char[] password) throws Exception { %s }
                    void queue() throws Exception { %s }
                    interface Tokens { CompletionStage<String> next(Optional<String> refused); }
                    void client(String secret, Tokens tokens) throws Exception { %s }
                    void codec(ByteBuffer in, ByteBuffer out) { %s }
                }
                """.formatted(examples.toArray()));
        String javac = Path.of(System.getProperty("java.home"), "bin", "javac").toString();
        EhloProcess.Result result = EhloProcess.exec(
                scratch, "", Map.of(), List.of(javac, "-cp", jars(), "-d", scratch.toString(), source.toString()));
        assertThat(result.exitCode()).as(result.all()).isZero();
    }

    private static String jars() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("target", "lib"))) {
            return files.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
        }
    }

    @Test
    void itsOptionsAreThoseOfTheCommands() throws Exception {
        StringBuilder help = new StringBuilder();
        for (String command :
                List.of("serve", "send", "sink", "load", "user add", "queue list", "queue suppress add", "check")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
            words.add("--help");
            help.append(
                    EhloProcess.run(scratch, "", words.toArray(String[]::new)).out());
        }
        Matcher option = OPTION.matcher(Files.readString(README));
        while (option.find()) {
            if (!Set.of("--help", "--add-modules").contains(option.group())) {
                assertThat(help).contains(option.group());
            }
        }
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.Transcript;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of docs/examples, compiled and run on the module path as they are. */
class ExamplesIT {
    private static final Path EXAMPLES = Path.of("..", "docs", "examples").toAbsolutePath();
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    @TempDir
    private Path scratch;

    static List<Path> examples() throws Exception {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            List<Path> examples = files.sorted().toList();
            assertThat(examples).hasSizeGreaterThanOrEqualTo(3);
            return examples;
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isOfOneScreen(Path example) throws Exception {
        assertThat(Files.readAllLines(example)).hasSizeLessThan(40);
    }

    private EhloProcess run(String example, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                JAVA.toString(),
                "-p",
                // As the README has it: the application brings the log's configuration along.
                "target/lib" + File.pathSeparator + "target/smtp-mta.jar",
                "--add-modules",
                "dev.ehlo.smtp.mta",
                EXAMPLES.resolve(example + ".java").toString()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        return EhloProcess.start(command, scratch.resolve(example + ".log"));
    }

    private static InetSocketAddress local(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Test
    void printsWhatArrives() throws Exception {
        int port = EhloProcess.freePort();
        try (EhloProcess printer = run("PrintMail", port)) {
            Transcript.parse("""
                    S: 220 *
                    C: HELO client.example
                    S: 250 *
                    C: MAIL FROM:<a@example.net>
                    S: 250 *
                    C: RCPT TO:<anyone@anywhere.example>
                    S: 250 *
                    C: DATA
                    S: 354 *
                    C> Subject: printed\\r\\n\\r\\nhello\\r\\n.\\r\\n
                    S: 250 2.0.0 Printed
                    """).run(local(port));
            assertThat(printer.nextLine()).isEqualTo("a@example.net writes to [anyone@anywhere.example]:");
            assertThat(printer.nextLine()).startsWith("Received: from client.example");
        }
    }

    @Test
    void takesMailForTheRecipientsOfAList() throws Exception {
        int port = EhloProcess.freePort();
        Path list = Files.writeString(scratch.resolve("list"), "alice@example.org\nbob@example.org\n");
        Path inbox = scratch.resolve("inbox");
        try (EhloProcess server = run("KnownRecipients", port, list, inbox)) {
            Transcript.parse("""
                    S: 220 mx.example.org *
                    C: HELO client.example
                    S: 250 *
                    C: MAIL FROM:<a@example.net>
                    S: 250 *
                    C: RCPT TO:<bob@example.org>
                    S: 250 *
                    C: RCPT TO:<carol@example.org>
                    S: 550 5.1.1 No such user here
                    C: RCPT TO:<bob@elsewhere.example>
                    S: 550 5.7.1 *
                    C: DATA
                    S: 354 *
                    C> Subject: kept\\r\\n\\r\\nhello\\r\\n.\\r\\n
                    S: 250 2.0.0 Kept
                    """).run(local(port));
            try (Stream<Path> kept = Files.list(inbox)) {
                assertThat(kept.toList())
                        .singleElement()
                        .satisfies(file -> assertThat(Files.readString(file)).endsWith("\r\n\r\nhello\r\n"));
            }
            assertThat(server.lines()).hasSize(1);
        }
    }

    @Test
    void queuesWhatUsersSubmitAndHandsItOn() throws Exception {
        int port = EhloProcess.freePort();
        int smarthost = EhloProcess.freePort();
        TlsContext.writeSelfSigned(scratch.resolve("cert.pem"), scratch.resolve("key.pem"), List.of("localhost"));
        try (EhloProcess printer = run("PrintMail", smarthost);
                EhloProcess service = run("SubmissionService", port, scratch, smarthost)) {
            String message = "From: alice@example.org\r\nSubject: queued\r\n\r\nhello\r\n";
            new AngusClient(port, AngusClient.Tls.IMPLICIT)
                    .send("alice@example.org", "secret", "alice@example.org", message, "bob@example.net");
            assertThat(printer.nextLine()).isEqualTo("alice@example.org writes to [bob@example.net]:");
            assertThat(service.lines()).hasSize(1);
        }
    }
}

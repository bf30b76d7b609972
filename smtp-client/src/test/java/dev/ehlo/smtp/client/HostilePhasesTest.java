package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.HostileServer.Attack;
import dev.ehlo.smtp.client.HostileServer.Victim;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Servers that do wrong in one phase, over sockets, in clear and under TLS: no phase lets anything pass for a reply that
 * is none, and what becomes of the recipient is what the server can have done. With {@link HostileServerTest}, which has
 * the machine alone, and {@link StartTlsAttacksTest}.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class HostilePhasesTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");
    private static final SSLContext TLS = CERTIFICATE.serverContext();
    private static final byte[] SMALL = "Subject: x\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] LARGE =
            ("Subject: x\r\n\r\n" + "x".repeat(70) + "\r\n").repeat(200_000).getBytes(US_ASCII);

    @TempDir
    private static Path directory;

    private static ClientTrust trust;
    private static SmtpClient client;

    /** What no server should say. */
    private enum Nonsense implements Say {
        LAST_LINE_WITHOUT_CODE(v -> v.say("250-one\r\ntwo\r\n")),
        LAST_LINE_WITHOUT_SEPARATOR(v -> v.say("250-one\r\n250two\r\n")),
        EMPTY_LINE(v -> v.say("\r\n")),
        EMPTY_LINE_WITHIN(v -> v.say("250-one\r\n\r\n250 two\r\n")),
        OVERLONG_LINE(v -> v.say("250 " + "x".repeat(5000) + "\r\n")),
        ENDLESS_LINES(v -> v.sayUntilGone("250-x\r\n")),
        ENDLESS_LINE(v -> v.say("250 ").sayUntilGone("x")),
        MEGABYTE_LINE(v -> v.say("250 ").sayUntilGone("x".repeat(1 << 20) + "\r\n")),
        NO_CRLF(v -> v.say("250 ok")),
        ONE_OCTET(v -> v.say("2")),
        NOTHING(v -> v),
        NUL(v -> v.say("250 o\0k\r\n")),
        CODE_THAT_CHANGES(v -> v.say("250-one\r\n354-two\r\n250 three\r\n")),
        CODE_OF_ZEROS(v -> v.say("000 ok\r\n")),
        CODE_OF_NINES(v -> v.say("999 ok\r\n")),
        CODE_OF_ONE(v -> v.say("150 ok\r\n")),
        CODE_OF_TWO_DIGITS(v -> v.say("25\r\n")),
        BARE_LF(v -> v.say("250 ok\n")),
        BARE_LF_WITHIN(v -> v.say("250-one\n250 two\r\n")),
        BARE_CR(v -> v.say("250 o\rk\r\n")),
        ANOTHER_PROTOCOL(v -> v.say("* OK IMAP4rev1\r\n"));

        private final Say say;

        Nonsense(Say say) {
            this.say = say;
        }

        @Override
        public Victim to(Victim victim) throws IOException {
            return say.to(victim);
        }
    }

    private interface Say {
        Victim to(Victim victim) throws IOException;
    }

    @BeforeAll
    static void start() throws IOException {
        Path chain = directory.resolve("chain.pem");
        CERTIFICATE.writePem(chain, directory.resolve("key.pem"));
        trust = ClientTrust.pem(chain);
        client = SmtpClient.builder()
                .reuse(ConnectionReuse.none())
                .localName("client.example")
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
    }

    static Stream<Arguments> phasesAndModes() {
        return Stream.of(HostilePhase.values())
                .flatMap(phase ->
                        Stream.of(TlsMode.values()).filter(phase::isIn).map(mode -> Arguments.of(phase, mode)));
    }

    @ParameterizedTest
    @MethodSource("phasesAndModes")
    void takesNonsenseForNoReply(HostilePhase phase, TlsMode mode) {
        for (Nonsense nonsense : Nonsense.values()) {
            Outcome outcome = attack(mode, SMALL, v -> nonsense.to(phase.reach(v, mode, TLS, "")));
            assertThat(phase.outcomesOfNonsense())
                    .as(nonsense + ": " + outcome)
                    .contains(outcome.recipient().status());
            assertThat(outcome.heardBehind(phase)).as(nonsense + ": " + outcome).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("phasesAndModes")
    void takes421InEachPhase(HostilePhase phase, TlsMode mode) {
        Outcome outcome = attack(mode, SMALL, v -> phase.reach(v, mode, TLS, "").say("421 4.3.2 bye\r\n"));
        if (phase == HostilePhase.QUIT) {
            assertThat(outcome.recipient().status()).isEqualTo(RELAYED);
        } else {
            assertThat(outcome.recipient().status()).isEqualTo(DEFERRED);
            assertThat(outcome.recipient().reply().toString()).isEqualTo("421 4.3.2 bye");
        }
        assertThat(outcome.heardBehind(phase)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void takesRepliesOfACodeAlone(TlsMode mode) {
        Outcome outcome = attack(mode, SMALL, v -> {
            if (mode == TlsMode.IMPLICIT) {
                v.startTls(TLS);
            }
            v.say("220\r\n").hear("EHLO ");
            if (mode == TlsMode.STARTTLS) {
                v.say("250-mx.example\r\n250 STARTTLS\r\n")
                        .hear("STARTTLS")
                        .say("220\r\n")
                        .startTls(TLS)
                        .hear("EHLO ");
            }
            v.say("250-\r\n250 AUTH PLAIN\r\n")
                    .hear("AUTH ")
                    .say("235\r\n")
                    .hear("MAIL")
                    .say("250\r\n");
            v.hear("RCPT")
                    .say("250\r\n")
                    .hear("DATA")
                    .say("354\r\n")
                    .hear("Subject: x")
                    .hear("")
                    .hear(".");
            v.say("250\r\n").hear("QUIT").say("221\r\n");
        });
        assertThat(outcome.recipient().status()).isEqualTo(RELAYED);
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"NONE", "IMPLICIT"})
    void saysNothingButQuitToAServerThatGreetsWith5yz(TlsMode mode) {
        Outcome outcome = attack(
                mode,
                SMALL,
                v -> HostilePhase.GREETING
                        .reach(v, mode, TLS, "")
                        .say("554 no\r\n")
                        .hear("QUIT")
                        .say("221 bye\r\n"));
        assertThat(outcome.recipient().status()).isEqualTo(FAILED);
        assertThat(outcome.heard()).isEqualTo("QUIT\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 ok\r\n", "221 bye\r\n", "334 go\r\n", "235 ok\r\n"})
    void sendsNoContentWhereDataIsAnsweredByAnythingBut354(String reply) {
        for (TlsMode mode : TlsMode.values()) {
            Outcome outcome = attack(
                    mode, SMALL, v -> HostilePhase.DATA.reach(v, mode, TLS, "").say(reply));
            assertThat(outcome.recipient().status()).isEqualTo(NOT_SENT);
            assertThat(outcome.heard()).doesNotContain("Subject");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void knowsNothingWhereTheServerClosesAfter354AndHasTheEndOfData(TlsMode mode) {
        Outcome outcome = attack(
                mode, SMALL, v -> HostilePhase.DATA.reach(v, mode, TLS, "").say("354 go\r\n"));
        // Whoever gave up before the end of data went out has sent nothing; never the other way round.
        assertThat(outcome.recipient().status()).isNotEqualTo(RELAYED);
        if (outcome.heard().contains("\r\n.\r\n")) {
            assertThat(outcome.recipient().status()).isEqualTo(UNKNOWN);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void hasSentNothingWhereTheServerSays250OrClosesInTheMiddleOfContent(TlsMode mode) {
        for (String said : List.of("250 2.0.0 taken\r\n", "250 2.0.0 ta", "")) {
            Outcome outcome = attack(
                    mode,
                    LARGE,
                    v -> HostilePhase.DATA
                            .reach(v, mode, TLS, "")
                            .say("354 go\r\n")
                            .hear("Subject: x")
                            .say(said));
            assertThat(outcome.recipient().status()).as(said + outcome).isNotEqualTo(RELAYED);
            if (!said.isEmpty()) {
                // Its 14 MiB can't all be under way, as the server takes none of it before it has spoken.
                assertThat(outcome.recipient().status()).as(said).isEqualTo(NOT_SENT);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"452 4.3.1 full\r\n", "552 5.3.4 too much\r\n"})
    void takesARefusalInTheMiddleOfContent(String reply) {
        for (TlsMode mode : TlsMode.values()) {
            Outcome outcome = attack(
                    mode,
                    LARGE,
                    v -> HostilePhase.DATA
                            .reach(v, mode, TLS, "")
                            .say("354 go\r\n")
                            .hear("Subject: x")
                            .say(reply));
            assertThat(outcome.recipient().status()).isEqualTo(reply.startsWith("4") ? DEFERRED : FAILED);
            assertThat(outcome.recipient().reply().toString()).isEqualTo(reply.strip());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIZE 1", "AUTH CRAM-MD5", "PIPELINING", "LIMITS MAILMAX=0", "CHUNKING"})
    void believesUnderTlsWhatIsOfferedThereAlone(String offeredInClear) {
        Outcome outcome = attack(TlsMode.STARTTLS, SMALL, v -> {
            v.say("220 mx.example\r\n").hear("EHLO ");
            v.say("250-mx.example\r\n250-" + offeredInClear + "\r\n250 STARTTLS\r\n")
                    .hear("STARTTLS");
            v.say("220 go\r\n").startTls(TLS).hear("EHLO ").say("250-mx.example\r\n250 AUTH PLAIN\r\n");
            v.hear("AUTH PLAIN ")
                    .say("235 ok\r\n")
                    .hear("MAIL FROM:<a@example.org>")
                    .say("250 ok\r\n");
            v.hear("RCPT")
                    .say("250 ok\r\n")
                    .hear("DATA")
                    .say("354 go\r\n")
                    .hear("Subject: x")
                    .hear("")
                    .hear(".");
            v.say("250 ok\r\n").hear("QUIT").say("221 bye\r\n");
        });
        assertThat(outcome.recipient().status()).isEqualTo(RELAYED);
        assertThat(outcome.heard()).contains("MAIL FROM:<a@example.org>\r\n").doesNotContain("CRAM", "BDAT");
    }

    /** What became of the one recipient, and what the server has heard. */
    private record Outcome(RecipientOutcome recipient, String heard) {
        /** What was said after the command of that phase, but for an end in order and for alerts of TLS. */
        String heardBehind(HostilePhase phase) {
            List<String> lines = heard.lines()
                    .filter(line -> line.matches("[A-Z]{4,}( .*)?") && !line.equals("QUIT"))
                    .map(line -> line.replaceFirst(" .*", ""))
                    .toList();
            List<String> order = List.of("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA");
            List<String> later = switch (phase) {
                case GREETING -> order;
                case EHLO -> order.subList(3, order.size());
                case STARTTLS -> order.subList(3, order.size());
                case AUTH, MAIL, RCPT, DATA -> order.subList(order.indexOf(phase.name()) + 1, order.size());
                case END_OF_DATA, QUIT -> List.of();
            };
            return String.join(" ", lines.stream().filter(later::contains).toList());
        }
    }

    private static Outcome attack(TlsMode mode, byte[] content, Attack attack) {
        try (HostileServer server = new HostileServer(attack)) {
            Smarthost plain = Smarthost.relay("localhost", server.port()).tls(mode);
            Smarthost host = mode == TlsMode.NONE
                    ? plain.loginEvenInClear("user", "secret")
                    : plain.trust(trust).login("user", "secret");
            DeliveryReport report = client.to(host)
                    .deliver(Envelope.from("a@example.org").to("b@example.net"), MessageSource.of(content))
                    .get(60, TimeUnit.SECONDS);
            assertThat(report.outcomes()).hasSize(1);
            return new Outcome(report.outcomes().get(0), server.heard());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

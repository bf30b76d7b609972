package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a server, or who sits in front of it, may do about STARTTLS to a client that requires TLS and has a login, over
 * sockets. The names begin with the attack's number in the list of RFC 3207 §4.2 and §6 that this project keeps: 2
 * replies injected, 3 state kept, 4 TLS stripped, 5 STARTTLS offered twice, 6 close_notify and then clear text, 7 TLS
 * itself, 8 another protocol.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class StartTlsAttacksTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");

    @TempDir
    private static Path directory;

    private static ClientTrust trust;
    private static SmtpClient client;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n",
                "220 ok\r\n250-evil",
                "220 ok\r\n2",
                "220-ok\r\n220 go\r\n250 AUTH PLAIN\r\n",
                "220 go\r\n\26\3\3"
            })
    void a2FailsClosedWhereRepliesAreInjectedBehindTheOneToStarttlsHoweverTheyAreCut(String replies) {
        Cutter.everySplit(replies.getBytes(ISO_8859_1), segments -> {
            String heard = attack(null, victim -> {
                victim.upToStarttls();
                for (byte[] segment : segments) {
                    victim.inClear(segment);
                }
            });
            // Cut where the reply ends, the rest meets the handshake; else the client says nothing more.
            assertThat(heard).matches("(?s)EHLO client.example\r\nSTARTTLS\r\n(\26\3.*|\25\3.*|<.*)?");
            assertThat(heard).doesNotContain("AUTH", "MAIL");
        });
    }

    @Test
    void a3KnowsNothingUnderTlsOfWhatWasOfferedInClear() {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            String heard = attack(
                    DEFERRED,
                    victim -> victim.upToStarttls()
                            .inClear("220 go\r\n")
                            .startTls(CERTIFICATE.serverContext(), protocol)
                            .hear("EHLO client.example")
                            .say("250 mx.example\r\n")
                            .hear("QUIT")
                            .say("221 bye\r\n"));
            assertThat(heard).doesNotContain("AUTH", "MAIL");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "250-mx.example\r\n250 AUTH PLAIN\r\n",
                "250 mx.example\r\n",
                "250-mx.example\r\n250-AUTH PLAIN\r\n250 XSTARTTLS\r\n",
                "250-mx.example\r\n250-AUTH PLAIN\r\n250 STARTTLSX\r\n",
                "250-STARTTLS\r\n250 AUTH PLAIN\r\n",
                "502 5.5.1 what\r\n",
                "421 4.3.2 bye\r\n",
                "554 5.3.0 no\r\n"
            })
    void a4StopsBeforeAuthAndMailWhereStarttlsIsNotOffered(String capabilities) {
        String heard = attack(null, victim -> {
            victim.inClear("220 mx.example\r\n").hear("EHLO ").inClear(capabilities);
            if (capabilities.startsWith("5")) {
                victim.hear("HELO ").inClear("250 mx.example\r\n");
            }
        });
        assertThat(heard).doesNotContain("AUTH", "MAIL", "STARTTLS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "454 4.7.0 TLS not available\r\n",
                "500 5.5.1 what\r\n",
                "501 5.5.4 no\r\n",
                "502 5.5.1 no\r\n",
                "503 5.5.1 not now\r\n",
                "554 5.7.0 no\r\n",
                "421 4.7.0 bye\r\n",
                "250 2.0.0 ok\r\n",
                "221 2.0.0 bye\r\n",
                "334 \r\n",
                "354 go\r\n",
                "nonsense\r\n",
                ""
            })
    void a4StopsBeforeAuthAndMailWhereStarttlsIsRefused(String reply) {
        String heard = attack(null, victim -> {
            victim.upToStarttls().inClear(reply);
        });
        assertThat(heard).startsWith("EHLO client.example\r\nSTARTTLS\r\n").doesNotContain("AUTH", "MAIL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250-mx.example\r\n250 AUTH PLAIN\r\n", "\25\3\3\0\2\2\50", "\25\3\1\0\2\1\0", ""})
    void a4StopsBeforeAuthAndMailWhereTheHandshakeIsRefused(String answer) {
        String heard = attack(NOT_SENT, victim -> {
            victim.upToStarttls().inClear("220 go\r\n");
            victim.raw().getInputStream().readNBytes(5);
            victim.inClear(answer);
        });
        assertThat(heard).doesNotContain("AUTH", "MAIL");
    }

    @Test
    void a5SendsStarttlsOnceEvenIfItIsOfferedUnderTlsAgain() {
        String heard = attack(
                RELAYED,
                victim -> upToEndOfData(victim, "TLSv1.3", "250-mx.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")
                        .say("250 ok\r\n"));
        assertThat(heard.split("STARTTLS", -1)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a6TakesNoReplyInClearBehindCloseNotify(String protocol) {
        for (boolean afterContent : new boolean[] {false, true}) {
            for (boolean closeNotify : new boolean[] {false, true}) {
                attack(afterContent ? UNKNOWN : DEFERRED, victim -> {
                    victim.upToStarttls()
                            .inClear("220 go\r\n")
                            .startTls(CERTIFICATE.serverContext(), protocol)
                            .hear("EHLO client.example")
                            .say("250-mx.example\r\n250 AUTH PLAIN\r\n")
                            .hear("AUTH PLAIN")
                            .say("235 2.7.0 ok\r\n")
                            .hear("MAIL");
                    if (afterContent) {
                        victim.say("250 ok\r\n")
                                .hear("RCPT")
                                .say("250 ok\r\n")
                                .hear("DATA")
                                .say("354 go\r\n");
                        victim.hear("Subject: x").hear("").hear(".");
                    }
                    if (closeNotify) {
                        victim.tls().shutdownOutput();
                    }
                    victim.inClear("250 2.0.0 taken\r\n250 2.0.0 taken\r\n");
                });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a6KnowsNoOutcomeWhereTheReplyToContentIsTruncated(String protocol) {
        attack(UNKNOWN, victim -> {
            upToEndOfData(victim, protocol).say("250 2.0.0 ta");
        });
    }

    @Test
    void a7EndsARenegotiationThatTheServerAsksFor() {
        String heard = attack(UNKNOWN, victim -> {
            upToEndOfData(victim, "TLSv1.2");
            victim.tls().startHandshake();
        });
        assertThat(heard).doesNotContain("QUIT");
    }

    @Test
    void a7EndsAFloodOfKeyUpdates() {
        attack(UNKNOWN, victim -> {
            upToEndOfData(victim, "TLSv1.3");
            try {
                for (int i = 0; i < 1_000_000; i++) {
                    victim.tls().startHandshake();
                }
            } catch (IOException e) {
                return; // as it should be: the client has gone
            }
            throw new IOException("the client has taken a million");
        });
    }

    @Test
    void a7ReadsNoServerHelloThatClaimsAHugeLength() {
        byte[] record = new byte[5 + 1000];
        System.arraycopy(new byte[] {22, 3, 3, 3, (byte) 0xe8, 2, -1, -1, -1}, 0, record, 0, 9);
        attack(DEFERRED, victim -> {
            victim.upToStarttls().inClear("220 go\r\n");
            try {
                for (int sent = 0; sent < 64 << 20; sent += record.length) {
                    victim.inClear(record);
                }
            } catch (IOException e) {
                return; // as it should be: the client has gone
            }
            throw new IOException("the client has taken all of it");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
                "* OK IMAP4rev1\r\n",
                "+OK POP3\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "\25\3\1\0\2\2\12"
            })
    void a8SaysNothingToAServerOfAnotherProtocol(String greeting) {
        assertThat(attack(DEFERRED, victim -> victim.inClear(greeting))).isIn("", "<Connection reset>");
    }

    private static HostileServer.Victim upToEndOfData(HostileServer.Victim victim, String protocol) throws IOException {
        return upToEndOfData(victim, protocol, "250-mx.example\r\n250 AUTH PLAIN\r\n");
    }

    private static HostileServer.Victim upToEndOfData(HostileServer.Victim victim, String protocol, String offers)
            throws IOException {
        return victim.upToStarttls()
                .inClear("220 go\r\n")
                .startTls(CERTIFICATE.serverContext(), protocol)
                .hear("EHLO client.example")
                .say(offers)
                .hear("AUTH PLAIN")
                .say("235 2.7.0 ok\r\n")
                .hear("MAIL")
                .say("250 ok\r\n")
                .hear("RCPT")
                .say("250 ok\r\n")
                .hear("DATA")
                .say("354 go\r\n")
                .hear("Subject: x")
                .hear("")
                .hear(".");
    }

    /** What the client said to the end; what became of the message has to be that, or anything but relayed for null. */
    private static String attack(DeliveryStatus expected, HostileServer.Attack attack) {
        try (HostileServer server = new HostileServer(attack)) {
            Smarthost host = Smarthost.submission("localhost")
                    .port(server.port())
                    .trust(trust)
                    .login("user", "secret");
            List<DeliveryStatus> statuses = client
                    .to(host)
                    .deliver(
                            Envelope.from("a@example.org").to("b@example.net"),
                            MessageSource.of("Subject: x\r\n\r\n".getBytes(US_ASCII)))
                    .get(60, TimeUnit.SECONDS)
                    .outcomes()
                    .stream()
                    .map(RecipientOutcome::status)
                    .toList();
            if (expected == null) {
                assertThat(statuses).hasSize(1).doesNotContain(RELAYED, UNKNOWN);
            } else {
                // Refused for now by the server, or by this side: in no case sent.
                assertThat(statuses).hasSize(1).isSubsetOf(expected, NOT_SENT);
            }
            return server.heard();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}

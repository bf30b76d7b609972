package dev.ehlo.smtp.client.interop;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.DELIVERED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Postfix's smtp-sink with its options for faults, in each phase: what becomes of the recipients. */
@Timeout(60)
class SmtpSinkIT {
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.net", "c@example.net");
    private static final List<String> PHASES = List.of("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", ".", "QUIT");

    @TempDir
    Path scratch;

    private boolean lmtp;
    private final Said said = new Said();
    private final SmtpClient client =
            SmtpClient.builder().localName("client.example").dialogue(said).build();

    @AfterEach
    void close() {
        client.close();
    }

    static Stream<Arguments> faultsAndPhases() {
        return Stream.of("-q", "-Q", "-f", "-r")
                .flatMap(fault -> PHASES.stream().map(phase -> Arguments.of(fault, phase)));
    }

    @ParameterizedTest
    @MethodSource("faultsAndPhases")
    void aFaultInAPhaseHasTheOutcomeThatItMeans(String fault, String phase) throws Exception {
        DeliveryReport report = deliver(Bodies.DOTS, fault, phase);
        assertThat(report.outcomes())
                .as(report.toString())
                .extracting(RecipientOutcome::status)
                .allMatch(expected(fault, phase)::contains);
        if (fault.equals("-Q") && !phase.equals("QUIT")) {
            assertThat(report.outcomes()).allMatch(each -> each.reply().code() == 421);
        }
    }

    private static Set<DeliveryStatus> expected(String fault, String phase) {
        if (phase.equals("QUIT") || phase.equals("EHLO") && fault.equals("-f")) {
            return Set.of(RELAYED); // the reply to QUIT decides nothing, and 5yz to EHLO is followed by HELO
        }
        return switch (fault) {
            case "-q" -> Set.of(phase.equals(".") ? UNKNOWN : NOT_SENT);
            case "-f" -> Set.of(FAILED);
            default -> Set.of(DEFERRED);
        };
    }

    @ParameterizedTest
    @CsvSource({"-f, 'EHLO,HELO', FAILED", "-r, 'EHLO,HELO', DEFERRED", "-A, 0, FAILED"})
    void refusalsOfOtherKindsToo(String option, String value, DeliveryStatus status) throws Exception {
        DeliveryReport report = deliver(Bodies.large(1 << 20), option, value);
        assertThat(report.outcomes()).extracting(RecipientOutcome::status).containsOnly(status);
    }

    /** Without pipelining, without ESMTP, as a firewall that hides the banner, without 8BITMIME and DSN. */
    @ParameterizedTest
    @CsvSource({"-p", "-e", "-P", "-8", "-N", "-E"})
    void deliversToServersThatOfferLess(String option) throws Exception {
        assertThat(deliver(Bodies.DOTS, option).isRelayedToAll()).isTrue();
    }

    @Test
    void saysHeloWhereEhloIsRefused() throws Exception {
        assertThat(deliver(Bodies.DOTS, "-f", "EHLO").isRelayedToAll()).isTrue();
        assertThat(said.lines()).startsWith("EHLO client.example", "HELO client.example", "MAIL FROM:<a@example.org>");
    }

    @Test
    void deliversOctetForOctet() throws Exception {
        Path dumps = Files.createDirectory(scratch.resolve("dumps"));
        for (String body : List.of(Bodies.AWKWARD, Bodies.EMPTY, Bodies.large(1 << 20), Bodies.DOTS)) {
            assertThat(deliver(body, "-d", dumps + "/").isRelayedToAll()).isTrue();
            try (Stream<Path> files = Files.list(dumps)) {
                Path dump = files.findFirst().orElseThrow();
                String arrived = Files.readString(dump, StandardCharsets.ISO_8859_1);
                Files.delete(dump);
                assertThat(arrived).contains("X-Rcpt-Args: <b@example.net>\nX-Rcpt-Args: <c@example.net>\n");
                // smtp-sink writes lines, and an empty one behind the last.
                String message = Bodies.message("x", body).replace("\r\n", "\n");
                assertThat(arrived.substring(arrived.indexOf("Subject: "))).isEqualTo(message + "\n");
            }
        }
    }

    @Test
    void deliversByLmtpAndKnowsWhatBecameOfEachRecipient() throws Exception {
        lmtp = true;
        assertThat(statuses("-L")).containsOnly(DELIVERED);
        assertThat(said.lines()).startsWith("LHLO client.example");
        assertThat(statuses("-L", "-f", ".")).containsOnly(FAILED);
        assertThat(statuses("-L", "-r", "RCPT")).containsOnly(DEFERRED);
        assertThat(statuses("-L", "-q", ".")).containsOnly(UNKNOWN);
        assertThat(statuses("-L", "-q", "DATA")).containsOnly(NOT_SENT);
    }

    private List<DeliveryStatus> statuses(String... options) throws Exception {
        return deliver(Bodies.DOTS, options).outcomes().stream()
                .map(RecipientOutcome::status)
                .toList();
    }

    private DeliveryReport deliver(String body, String... options) throws Exception {
        String program = Peers.installed("/usr/sbin/smtp-sink");
        int port = Peers.freePort();
        List<String> command = new ArrayList<>(List.of(program));
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("-u", "root"));
        }
        command.addAll(List.of(options));
        command.addAll(List.of("127.0.0.1:" + port, "100"));
        try (Daemon sink = new Daemon(command, scratch.resolve("sink.out"), port)) {
            byte[] message = Bodies.message("x", body).getBytes(StandardCharsets.ISO_8859_1);
            return client.to(
                            lmtp ? Smarthost.lmtp("127.0.0.1", sink.port()) : Smarthost.relay("127.0.0.1", sink.port()))
                    .deliver(ENVELOPE, MessageSource.of(message))
                    .get(30, TimeUnit.SECONDS);
        }
    }
}

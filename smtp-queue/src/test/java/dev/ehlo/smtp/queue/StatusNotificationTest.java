package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatusNotificationTest {
    private static final String BOUNDARY = "=_1234";

    private static RecipientOutcome failed(Recipient recipient, Reply reply, @Nullable String host) {
        return new RecipientOutcome(recipient, DeliveryStatus.FAILED, reply, host);
    }

    private static Recipient recipient(String mailbox, EsmtpParameter... parameters) {
        return new Recipient(Mailbox.parse(mailbox), new EsmtpParameters(List.of(parameters)));
    }

    private static String compose(Envelope envelope, byte[] header, RecipientOutcome... outcomes) {
        String text = compose("sender@example.org", envelope, header, outcomes);
        assertThat(text.chars()).allMatch(c -> c < 0x7f);
        return text;
    }

    private static String compose(String sender, Envelope envelope, byte[] header, RecipientOutcome... outcomes) {
        boolean international = Mailbox.parse(sender).needsUtf8();
        SpooledMessage message =
                new SpooledMessage(new QueueId(1L << 50), Mail.NOON, envelope, List.of(), MessageSource.of(header));
        byte[] content = new StatusNotification(
                        Notice.FAILURE, "mx.example.org", BOUNDARY, Mail.NOON.plusSeconds(61), international)
                .compose(
                        message,
                        Terms.of(message, RetrySchedule.standard(), Duration.ofHours(4)),
                        Mailbox.parse(sender),
                        List.of(outcomes),
                        ReturnedContent.of(message, Notice.FAILURE, international));
        String text = new String(content, StandardCharsets.UTF_8);
        assertWellFormed(text);
        return text;
    }

    /** Printable in whole lines of at most 998 octets, with exactly the parts that were meant. RFC 5322 §2.1.1. */
    private static void assertWellFormed(String text) {
        assertThat(text).endsWith("\r\n");
        assertThat(text.replace("\r\n", "").chars()).allMatch(c -> c >= ' ' && c != 0x7f || c == '\t');
        List<String> lines = Arrays.asList(text.split("\r\n", -1));
        assertThat(lines).allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 998);
        assertThat(lines.stream().filter(line -> line.equals("--" + BOUNDARY))).hasSize(3);
        assertThat(lines.stream().filter(line -> line.startsWith("--" + BOUNDARY)))
                .hasSize(4);
    }

    private static List<String> part(String text, int index) {
        String[] parts = text.split("(?<=\r\n)--" + BOUNDARY + "(--)?\r\n", -1);
        return Arrays.asList(parts[index].split("\r\n", -1));
    }

    @Test
    void saysWhoWhatAndWhyToPeopleAndPrograms() {
        Envelope envelope = Envelope.from("sender@example.org")
                .to("b@example.net", "c@example.net")
                .with(new EsmtpParameter("ENVID", "QQ314159"));
        Reply reply = new Reply(550, new EnhancedStatusCode(5, 1, 1), List.of("no such user", "see help"));
        String text = compose(
                envelope,
                Mail.octets("From: x\r\nSubject: two\r\n lines\r\n\r\nbody\r\n"),
                failed(
                        recipient("b@example.net", new EsmtpParameter("ORCPT", "rfc822;bob+2Bx@old.test")),
                        reply,
                        "mx.test"),
                new RecipientOutcome(
                        recipient("c@example.net"), DeliveryStatus.DEFERRED, Reply.of(421, "not now"), null));

        assertThat(part(text, 0))
                .contains(
                        "Date: Sat, 21 Nov 2026 12:01:01 +0000",
                        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>",
                        "To: <sender@example.org>",
                        "Auto-Submitted: auto-replied",
                        "MIME-Version: 1.0",
                        "Content-Type: multipart/report; report-type=delivery-status;",
                        " boundary=\"=_1234\"");
        assertThat(part(text, 1))
                .contains(
                        "<b@example.net>",
                        "    Host mx.test said:",
                        "    550-5.1.1 no such user",
                        "    550 5.1.1 see help",
                        "<c@example.net>",
                        "    421 not now");
        assertThat(part(text, 2))
                .containsExactly(
                        "Content-Type: message/delivery-status",
                        "",
                        "Original-Envelope-Id: QQ314159",
                        "Reporting-MTA: dns; mx.example.org",
                        "Arrival-Date: Sat, 21 Nov 2026 12:00:00 +0000",
                        "",
                        "Original-Recipient: rfc822; bob+x@old.test",
                        "Final-Recipient: rfc822; b@example.net",
                        "Action: failed",
                        "Status: 5.1.1",
                        "Remote-MTA: dns; mx.test",
                        "Diagnostic-Code: smtp; 550-5.1.1 no such user",
                        " 550 5.1.1 see help",
                        "Last-Attempt-Date: Sat, 21 Nov 2026 12:01:01 +0000",
                        "",
                        "Final-Recipient: rfc822; c@example.net",
                        "Action: failed",
                        "Status: 4.4.7",
                        "Diagnostic-Code: x-ehlo; 421 not now",
                        "Last-Attempt-Date: Sat, 21 Nov 2026 12:01:01 +0000",
                        "",
                        "");
        assertThat(part(text, 3))
                .containsExactly(
                        "Content-Type: text/rfc822-headers; charset=us-ascii",
                        "",
                        "From: x",
                        "Subject: two",
                        " lines",
                        "",
                        "");
    }

    @Test
    void escapesWhatIsNotAscii() {
        String text = compose(
                Envelope.from("sender@example.org").to("jürgen@example.net"),
                Mail.octets("Subject: ü\r\n"),
                failed(recipient("jürgen@example.net"), Reply.of(550, "gibt's nicht: ü"), "mx\u202e.test"));

        assertThat(text)
                .contains("Final-Recipient: utf-8; j\\x{FC}rgen@example.net")
                .contains("Diagnostic-Code: smtp; 550 gibt's nicht: \\x{FC}")
                .contains("Remote-MTA: dns; mx\\x{202E}.test")
                .contains("Status: 5.0.0");
    }

    @Test
    void namesAnOriginalRecipientOutsideAsciiInAscii() {
        String text = compose(
                Envelope.from("sender@example.org").to("b@example.net"),
                new byte[0],
                failed(
                        recipient("b@example.net", new EsmtpParameter("ORCPT", "UTF-8;jürgen\\x{2B}x@example.net")),
                        Reply.of(550, "no"),
                        null));

        assertThat(text).contains("Original-Recipient: utf-8; j\\x{FC}rgen\\x{2B}x@example.net\r\n");
    }

    @Test
    void tellsASenderOutsideAsciiInUtf8() {
        String text = compose(
                "grün@example.org",
                Envelope.from("grün@example.org").to("jürgen@example.net"),
                Mail.octets("Subject: Grüße\u0007\r\n\r\n"),
                failed(
                        recipient(
                                "jürgen+x@bücher.example", new EsmtpParameter("ORCPT", "UTF-8;jörg\\x{2B}y@old.test")),
                        Reply.of(550, "gibt's nicht: ü"),
                        "mx.test"),
                failed(recipient("plain@example.net"), Reply.of(550, "no"), null));

        assertThat(part(text, 0))
                .contains(
                        "To: <grün@example.org>",
                        "Content-Type: multipart/report; report-type=global-delivery-status;",
                        "Content-Transfer-Encoding: 8bit");
        assertThat(part(text, 1))
                .startsWith("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "")
                .contains("<jürgen+x@bücher.example>", "    550 gibt's nicht: \\x{FC}");
        assertThat(part(text, 2))
                .startsWith("Content-Type: message/global-delivery-status", "Content-Transfer-Encoding: 8bit", "")
                .contains(
                        "Original-Recipient: utf-8; jörg\\x{2B}y@old.test",
                        "Final-Recipient: utf-8; jürgen+x@bücher.example",
                        "Diagnostic-Code: smtp; 550 gibt's nicht: \\x{FC}",
                        "Final-Recipient: rfc822; plain@example.net");
        assertThat(part(text, 3))
                .startsWith(
                        "Content-Type: message/global-headers",
                        "Content-Transfer-Encoding: 8bit",
                        "",
                        "Subject: Grüße?");
    }

    @Test
    void returnsAHeaderThatIsNoUtf8InAsciiEvenToASenderOutsideIt() {
        String text = compose(
                "grün@example.org",
                Envelope.from("grün@example.org").to("b@example.net"),
                "Subject: Grüße\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1),
                failed(recipient("b@example.net"), Reply.of(550, "no"), null));

        assertThat(part(text, 3))
                .startsWith("Content-Type: text/rfc822-headers; charset=us-ascii", "", "Subject: Gr??e");
    }

    @Test
    void cutsALineOfTheHeaderBetweenItsCharacters() {
        String header = QuotedText.headerSection(Mail.octets("S: " + "x".repeat(896) + "üüü\r\n"), true);

        assertThat(new String(header.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                .isEqualTo("S: " + "x".repeat(896) + "\r\n");
    }

    @Test
    void escapesInAnAddressWhatXtextMayNotHold() {
        String text = compose(
                Envelope.from("sender@example.org").to("b@example.net"),
                new byte[0],
                failed(recipient("jürgen+x@example.net"), Reply.of(550, "no"), null));

        assertThat(text).contains("Final-Recipient: utf-8; j\\x{FC}rgen\\x{2B}x@example.net\r\n");
    }

    @Test
    void tellsWhatHappenedOnTheWayFromWhatAHostSaid() {
        String text = compose(
                Envelope.from("sender@example.org").to("b@example.net"),
                new byte[0],
                new RecipientOutcome(
                        recipient("b@example.net"),
                        DeliveryStatus.NOT_SENT,
                        Reply.of(451, "4.4.1", "connection refused"),
                        "mx.test"));

        assertThat(part(text, 1)).contains("    On the way to host mx.test:").doesNotContain("    Host mx.test said:");
        assertThat(part(text, 2))
                .contains(
                        "Remote-MTA: dns; mx.test",
                        "Diagnostic-Code: x-ehlo; 451 4.4.1 connection refused",
                        "Status: 4.4.7");
    }

    @Test
    void keepsMarkersAndStrayLineEndsInHeadersFromMakingParts() {
        String text = compose(
                Envelope.from("sender@example.org").to("b@example.net"),
                Mail.octets("A: 1\n--=_\r\nB: \r\r\nC: \0\u001b[2J\r\n\r\n--=_1234\r\n"),
                failed(recipient("b@example.net"), Reply.of(550, "--=_1234"), null));

        assertThat(part(text, 3)).contains("A: 1?--=_", "B: ?", "C: ??[2J");
    }

    @Property
    void staysWellFormedWhateverIsQuoted(@ForAll byte[] header, @ForAll String said) {
        String printable = said.codePoints()
                .filter(c -> c >= ' ' && c != 0x7f && (c < 0x80 || c > 0xa0 && c < 0x2000))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        compose(
                Envelope.from("sender@example.org").to("b@example.net"),
                header,
                failed(recipient("b@example.net"), Reply.of(550, List.of(printable, printable)), null));
    }

    @Property
    void quotesHostsInBounds(@ForAll String host) {
        assertThat(QuotedText.ascii(host).chars()).allMatch(c -> c >= ' ' && c < 0x7f);
        assertThat(QuotedText.ascii(host + "x".repeat(2000))).hasSizeLessThanOrEqualTo(900);
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import jakarta.mail.BodyPart;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.eclipse.angus.mail.dsn.MultipartReport;
import org.jspecify.annotations.Nullable;

/** Every notice says, to a parser that is not ours, what was put in: here Angus Mail's. */
class NoticeProperties {
    private static final Pattern ESCAPE = Pattern.compile("\\\\x\\{([0-9A-F]{2,6})}");

    record Notified(Notice notice, String sender, String envelopeId, List<RecipientOutcome> outcomes) {}

    @Property(tries = 60, edgeCases = EdgeCasesMode.NONE)
    void saysToOthersWhatWasPutIn(@ForAll("notices") Notified notified) throws Exception {
        MimeMessage message = parse(notified);

        assertThat(message.getContent()).isInstanceOf(MultipartReport.class);
        MultipartReport report = (MultipartReport) message.getContent();
        assertThat(report.getCount()).isEqualTo(3);
        BodyPart second = report.getBodyPart(1);
        boolean international = Mailbox.parse(notified.sender).needsUtf8();
        assertThat(second.isMimeType(international ? "message/global-delivery-status" : "message/delivery-status"))
                .isTrue();
        DeliveryStatusFields fields = new DeliveryStatusFields(
                international
                        ? new org.eclipse.angus.mail.dsn.DeliveryStatus(second.getInputStream())
                        : (org.eclipse.angus.mail.dsn.DeliveryStatus) report.getReport());
        assertThat(String.valueOf(fields.ofMessage("Original-Envelope-Id")).strip())
                .isEqualTo(notified.envelopeId.strip());
        assertThat(fields.ofMessage("Reporting-MTA")).isEqualTo("dns; mx.example.org");
        assertThat(fields.recipients()).isEqualTo(notified.outcomes.size());
        for (int i = 0; i < notified.outcomes.size(); i++) {
            assertSays(fields, i, notified.notice, notified.outcomes.get(i));
        }
        assertThat(report.getBodyPart(2).isMimeType("text/rfc822-headers")).isTrue();
        assertThat(new String(report.getBodyPart(2).getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("Subject: hello\r\nX-Long: ");
    }

    private static void assertSays(DeliveryStatusFields fields, int i, Notice notice, RecipientOutcome outcome) {
        Recipient recipient = outcome.recipient();
        assertThat(fields.address(i, "Final-Recipient"))
                .isEqualTo((recipient.mailbox().needsUtf8() ? "utf-8;" : "rfc822;") + recipient.mailbox());
        OriginalRecipient original = recipient.parameters().originalRecipient().orElse(null);
        assertThat(fields.address(i, "Original-Recipient"))
                .isEqualTo(original == null ? null : original.type() + ';' + told(original));
        assertThat(fields.of(i, "Action")).isEqualTo(notice.action(outcome));
        assertThat(fields.of(i, "Status")).matches(statusClass(notice, outcome) + "\\.[0-9]{1,3}\\.[0-9]{1,3}");
        assertThat(fields.of(i, "Remote-MTA"))
                .isEqualTo(outcome.host().map(host -> "dns; " + host).orElse(null));
        String diagnostic = fields.of(i, "Diagnostic-Code");
        if (outcome.status() == DeliveryStatus.DELIVERED) {
            assertThat(diagnostic).isNull();
        } else {
            assertThat(diagnostic)
                    .matches("(smtp|x-ehlo); [^\r\n]*")
                    .endsWith(String.join(" ", QuotedText.lines(outcome.reply())));
        }
        assertThat(fields.of(i, "Will-Retry-Until") != null).isEqualTo(notice == Notice.DELAY);
    }

    /** White space around an address counts only where it is escaped. */
    private static String told(OriginalRecipient original) {
        return original.type().equals("utf-8")
                ? original.address()
                : original.address().strip();
    }

    private static String statusClass(Notice notice, RecipientOutcome outcome) {
        return switch (notice) {
            case FAILURE -> outcome.status() == DeliveryStatus.FAILED ? "5" : "4";
            case DELAY -> "4";
            case SUCCESS -> "2";
        };
    }

    private static MimeMessage parse(Notified notified) throws Exception {
        List<Recipient> recipients =
                notified.outcomes.stream().map(RecipientOutcome::recipient).toList();
        Envelope envelope =
                Envelope.from(notified.sender).to(recipients).with(EsmtpParameter.envelopeId(notified.envelopeId));
        SpooledMessage message = new SpooledMessage(
                new QueueId(1L << 50),
                Mail.NOON,
                envelope,
                List.of(),
                MessageSource.of(Mail.octets("Subject: hello\r\nX-Long: " + "y".repeat(2000) + "\r\n\r\nbody\r\n")));
        boolean international = Mailbox.parse(notified.sender).needsUtf8();
        byte[] content = new StatusNotification(notified.notice, "mx.example.org", "=_1", Mail.NOON, international)
                .compose(
                        message,
                        Terms.of(message, RetrySchedule.standard(), Duration.ofHours(4)),
                        Mailbox.parse(notified.sender),
                        notified.outcomes,
                        ReturnedContent.of(message, notified.notice, international));
        return new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(content));
    }

    /** What Angus Mail reads. */
    private record DeliveryStatusFields(org.eclipse.angus.mail.dsn.DeliveryStatus status) {
        @Nullable
        String ofMessage(String name) {
            return unfolded(status.getMessageDSN(), name);
        }

        int recipients() {
            return status.getRecipientDSNCount();
        }

        @Nullable
        String of(int recipient, String name) {
            return unfolded(status.getRecipientDSN(recipient), name);
        }

        /** Type and address, decoded where the type says so. */
        @Nullable
        String address(int recipient, String name) {
            String value = of(recipient, name);
            if (value == null) {
                return null;
            }
            String type = value.substring(0, value.indexOf(';') + 1);
            String address = value.substring(type.length()).strip();
            return type
                    + (type.equals("utf-8;")
                            ? ESCAPE.matcher(address)
                                    .replaceAll(m -> Matcher.quoteReplacement(
                                            Character.toString(Integer.parseInt(m.group(1), 16))))
                            : address);
        }

        private static @Nullable String unfolded(InternetHeaders fields, String name) {
            String[] all = fields.getHeader(name);
            assertThat(all == null ? 1 : all.length).as(name).isOne();
            // It has each octet as one character.
            return all == null
                    ? null
                    : new String(all[0].getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                            .replaceAll("\r?\n(?=[ \t])", "");
        }
    }

    @Provide
    Arbitrary<Notified> notices() {
        Arbitrary<String> senders = Arbitraries.of("sender@example.org", "grün@example.org", "a@bücher.example");
        return Arbitraries.of(Notice.values())
                .flatMap(notice -> Combinators.combine(
                                senders,
                                printable(1, 40),
                                outcomes(notice).list().ofMinSize(1).ofMaxSize(5))
                        .as((sender, id, outcomes) -> new Notified(notice, sender, id, outcomes)));
    }

    private static Arbitrary<String> printable(int least, int most) {
        return Arbitraries.strings().withCharRange(' ', '~').ofMinLength(least).ofMaxLength(most);
    }

    private static Arbitrary<String> awkward(int most) {
        return Arbitraries.of("a", "b", "x", "+", "=", ".", "-", "\\", "\"", "{", "}", "@", " ", "ü", "語", "😀")
                .list()
                .ofMinSize(1)
                .ofMaxSize(most)
                .map(all -> String.join("", all));
    }

    private static Arbitrary<Mailbox> mailboxes() {
        Arbitrary<String> localParts = Arbitraries.oneOf(printable(1, 20), awkward(15));
        return Combinators.combine(localParts, Arbitraries.of("example.net", "bücher.example", "[192.0.2.1]"))
                .as(Mailbox::new);
    }

    private static Arbitrary<EsmtpParameters> originals() {
        Arbitrary<OriginalRecipient> rfc822 = Combinators.combine(Arbitraries.of("rfc822", "x400"), printable(1, 60))
                .as(OriginalRecipient::new);
        Arbitrary<OriginalRecipient> utf8 = awkward(30).map(text -> new OriginalRecipient("utf-8", text));
        return Arbitraries.oneOf(rfc822, utf8)
                .map(original -> new EsmtpParameters(List.of(EsmtpParameter.originalRecipient(original))))
                .injectNull(0.3)
                .map(parameters -> parameters == null ? EsmtpParameters.NONE : parameters);
    }

    private static Arbitrary<RecipientOutcome> outcomes(Notice notice) {
        List<DeliveryStatus> statuses = new ArrayList<>(List.of(DeliveryStatus.values()));
        statuses.removeIf(status -> status.isSuccess() != (notice == Notice.SUCCESS)
                || notice == Notice.DELAY && status == DeliveryStatus.FAILED);
        Arbitrary<Reply> replies = Combinators.combine(
                        Arbitraries.integers().between(200, 599),
                        printable(0, 60)
                                .map(text -> 'x' + text)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(3))
                .as(Reply::of);
        return Combinators.combine(
                        mailboxes(),
                        originals(),
                        Arbitraries.of(statuses),
                        replies,
                        Arbitraries.of("mx.test", "[192.0.2.7]").injectNull(0.3))
                .as((mailbox, parameters, status, reply, host) ->
                        new RecipientOutcome(new Recipient(mailbox, parameters), status, reply, host));
    }
}

package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.codec.MessageDate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    private static final Reply OK = Reply.of(250, "2.0.0", "ok");

    @Test
    void anEnhancedStatusCodeIsReadAndWritten() {
        for (String code : List.of("2.0.0", "4.999.0", "5.0.999")) {
            assertThat(EnhancedStatusCode.parse(code)).hasToString(code);
        }
        assertThat(EnhancedStatusCode.parse("5.1.999")).isEqualTo(new EnhancedStatusCode(5, 1, 999));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "5.1",
                "5.1.1.1",
                "3.1.1",
                "5.01.1",
                "5.1.1000",
                "5..1",
                "5.1.",
                "5.-1.1",
                "5.1.1 ",
                "\u0665.1.1"
            })
    void whatIsNoEnhancedStatusCodeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> EnhancedStatusCode.parse(text));
    }

    @Test
    void aReplyTellsItsClass() {
        assertThat(List.of(OK.isPositive(), OK.isIntermediate(), OK.isTransient(), OK.isPermanent()))
                .containsExactly(true, false, false, false);
        for (int code : new int[] {200, 299, 300, 354, 399, 400, 499, 500, 599}) {
            Reply reply = Reply.of(code, "a");
            assertThat(List.of(reply.isPositive(), reply.isIntermediate(), reply.isTransient(), reply.isPermanent()))
                    .containsExactly(code / 100 == 2, code / 100 == 3, code / 100 == 4, code / 100 == 5);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(199, "a"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(600, "a"));
        assertThat(Reply.of(550, EnhancedStatusCode.parse("5.1.1"), "a", "b")).hasToString("550 5.1.1 a b");
        assertThat(Reply.of(220, "a")).hasToString("220 a");
    }

    @Test
    void parametersStandOnceAndInTheirOrder() {
        EsmtpParameters parameters =
                EsmtpParameters.NONE.with(new EsmtpParameter("size", "1")).with(new EsmtpParameter("SMTPUTF8", null));
        assertThat(parameters).hasToString("SIZE=1 SMTPUTF8");
        assertThat(parameters.find("SIZE")).map(EsmtpParameter::value).contains("1");
        assertThat(parameters.without("SIZE")).hasToString("SMTPUTF8");
        assertThat(parameters.without("BODY")).isEqualTo(parameters);
        assertThatIllegalArgumentException().isThrownBy(() -> parameters.with(new EsmtpParameter("Size", "2")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a=b", "a\u007f", "a\r\n", "\t", "\udc00"})
    void aParameterThatCouldNotStandOnTheWireIsRefused(String bad) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EsmtpParameter("ENVID", bad))
                .withMessageNotContaining("\n");
        assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter("X-A", bad));
        assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter(bad, null));
        assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter("-a", null));
        assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter("\u00e9", null));
    }

    @Test
    void anEnvelopeIsBuiltInOneLine() {
        Envelope envelope = Envelope.from("a@b").to("c@d", "e@f").with(new EsmtpParameter("BODY", "8BITMIME"));
        assertThat(envelope.reversePath()).hasToString("a@b");
        assertThat(envelope.recipients()).extracting(Recipient::toString).containsExactly("c@d", "e@f");
        assertThat(envelope.parameters()).hasToString("BODY=8BITMIME");
        assertThat(envelope.only(envelope.recipients().subList(1, 2)).recipients())
                .containsExactly(Recipient.of("e@f"));
        assertThat(Envelope.from("").reversePath().isNull()).isTrue();
        assertThat(ReversePath.NULL).hasToString("");
        assertThatIllegalArgumentException().isThrownBy(() -> envelope.to("nobody"));
    }

    @Test
    void anOutcomeFollowsFromTheReply() {
        Envelope envelope = Envelope.from("a@b").to("c@d", "e@f");
        DeliveryReport all = DeliveryReport.forEach(envelope, r -> RecipientOutcome.replied(r, OK, "mx.example"));
        assertThat(all.isRelayedToAll()).isTrue();
        assertThat(all.outcomes().get(1).host()).contains("mx.example");
        assertThat(status(Reply.of(450, "a"))).isEqualTo(DeliveryStatus.DEFERRED);
        assertThat(status(Reply.of(354, "a"))).isEqualTo(DeliveryStatus.DEFERRED);
        assertThat(status(Reply.of(550, "a"))).isEqualTo(DeliveryStatus.FAILED);
        DeliveryReport mixed = DeliveryReport.forEach(
                envelope, r -> RecipientOutcome.replied(r, r.mailbox().isAt("d") ? OK : Reply.of(550, "a"), null));
        assertThat(mixed.isRelayedToAll()).isFalse();
        assertThat(mixed.outcomes().get(0).host()).isEmpty();
    }

    private static DeliveryStatus status(Reply reply) {
        return RecipientOutcome.replied(Recipient.of("a@b"), reply, null).status();
    }

    @Test
    void aSinkMayRefuseBeforeAnyContent() throws IOException {
        Reply full = Reply.of(452, "4.3.1", "no room");
        MessageSink sink = MessageSink.refusing(full);
        ByteBuffer slice = ByteBuffer.allocate(3);
        sink.write(slice);
        sink.abort();
        assertThat(slice.hasRemaining()).isFalse();
        assertThat(sink.refusal()).contains(full);
        assertThat(sink.complete()).isCompletedWithValue(full);
        assertThatIllegalArgumentException().isThrownBy(() -> MessageSink.refusing(OK));
    }

    @Test
    void aSourceIsReadFromItsFirstOctetEachTime(@TempDir Path directory) throws IOException {
        byte[] content = {'a', '\r', '\n', (byte) 0xff};
        Path file = Files.write(directory.resolve("message"), content);
        for (MessageSource source : List.of(MessageSource.of(content), MessageSource.of(file))) {
            assertThat(source.octets()).isEqualTo(4);
            assertThat(read(source)).isEqualTo(content);
            assertThat(read(source)).isEqualTo(content);
        }
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> MessageSource.of(directory.resolve("nothing")));
    }

    private static byte[] read(MessageSource source) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(3);
        try (ReadableByteChannel channel = source.open()) {
            while (channel.read(buffer) >= 0) {
                all.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
        return all.toByteArray();
    }

    @Test
    void aDateIsThatOfMail() {
        Instant time = Instant.parse("2026-11-01T09:05:07Z");
        assertThat(MessageDate.format(time, ZoneOffset.UTC)).isEqualTo("Sun, 1 Nov 2026 09:05:07 +0000");
        assertThat(MessageDate.format(time, ZoneOffset.ofHoursMinutes(-3, -30)))
                .isEqualTo("Sun, 1 Nov 2026 05:35:07 -0330");
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class MessageTraitsTest {
    @Provide
    Arbitrary<Mailbox> mailboxes() {
        Arbitrary<String> local = Arbitraries.of("a", "B.c", "a b", "q\"q", "x@y", "back\\slash", "müller");
        Arbitrary<String> domain =
                Arbitraries.of("example.org", "EXAMPLE.net", "bücher.example", "xn--bcher-kva.example", "[192.0.2.1]");
        return Combinators.combine(local, domain).as(Mailbox::new);
    }

    @Provide
    Arbitrary<Envelope> envelopes() {
        Arbitrary<ReversePath> sender = mailboxes()
                .injectNull(0.2)
                .map(mailbox -> mailbox == null ? ReversePath.NULL : new ReversePath(mailbox));
        Arbitrary<List<Recipient>> recipients =
                mailboxes().map(Recipient::of).list().ofMinSize(1).ofMaxSize(4);
        return Combinators.combine(sender, recipients)
                .as((from, to) -> Envelope.from(from).to(to));
    }

    @Property(tries = 300)
    void aRecordTellsTheSameAsItsEnvelope(@ForAll("envelopes") Envelope envelope) {
        byte[] head = MessageRecord.head(new QueueId(7), Mail.NOON, envelope);
        ByteBuffer outline = MessageRecord.outline(
                MessageRecord.SMALL, ByteBuffer.wrap(head), ByteBuffer.allocate(MessageRecord.OUTLINE));

        assertThat(outline.remaining()).isEqualTo(MessageRecord.OUTLINE);
        assertThat(outline.getLong(MessageRecord.OUTLINE - Long.BYTES)).isEqualTo(MessageTraits.bits(envelope));
    }

    @Property(tries = 300)
    void findsWhateverIsMeant(@ForAll("envelopes") Envelope envelope, @ForAll("mailboxes") Mailbox other) {
        Delivery delivery = new Delivery(1, new int[] {0});
        delivery.traits = MessageTraits.bits(envelope);
        for (Recipient recipient : envelope.recipients()) {
            Mailbox mailbox = recipient.mailbox();
            Mailbox written = new Mailbox(mailbox.localPart().toUpperCase(Locale.ROOT), mailbox.destination());
            assertThat(QueueSelection.EVERYTHING.destination(mailbox.domain()).mayBe(delivery, 0))
                    .isTrue();
            assertThat(QueueSelection.EVERYTHING.recipient(mailbox).mayBe(delivery, 0))
                    .isTrue();
            if (!mailbox.needsUtf8()) {
                assertThat(QueueSelection.EVERYTHING.recipient(written).mayBe(delivery, 0))
                        .isTrue();
            }
        }
        assertThat(QueueSelection.EVERYTHING.sender(envelope.reversePath()).mayBe(delivery, 0))
                .isTrue();
        assertThat(QueueSelection.EVERYTHING
                        .sender(new ReversePath(new Mailbox("nobody", other.domain())))
                        .mayBe(delivery, 0))
                .as("but for what is not ASCII, nobody else is taken for the sender")
                .isEqualTo(!envelope.reversePath().isNull()
                        && envelope.reversePath().mailbox().needsUtf8());
    }

    @Test
    void takesFewForWhatTheyAreNot() {
        List<Delivery> deliveries = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            Delivery delivery = new Delivery(i, new int[] {0});
            Envelope envelope = i % 10 == 0
                    ? Envelope.from("s" + i + "@a.test").to("u@d" + i + ".test", "u@e" + i + ".test")
                    : Envelope.from("s" + i + "@a.test").to("u" + i + "@d" + i % 100 + ".test");
            delivery.traits = MessageTraits.bits(envelope);
            deliveries.add(delivery);
        }
        assertThat(count(deliveries, QueueSelection.EVERYTHING.destination("d7.test")))
                .isBetween(100L, 120L);
        assertThat(count(deliveries, QueueSelection.EVERYTHING.destination("e20.test")))
                .isBetween(1L, 20L);
        assertThat(count(deliveries, QueueSelection.EVERYTHING.sender(ReversePath.parse("s20@a.test"))))
                .isBetween(1L, 3L);
        assertThat(count(deliveries, QueueSelection.EVERYTHING.recipient(Mailbox.parse("u107@d7.test"))))
                .isBetween(1L, 20L);
    }

    private static long count(List<Delivery> deliveries, QueueSelection selection) {
        return deliveries.stream().filter(each -> selection.mayBe(each, 0)).count();
    }
}

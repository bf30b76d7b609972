package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The payloads of the journal's records, to octets and back.
 *
 * <pre>
 *   SMALL, LARGE   octets of what follows up to the content (4) · id (8) · arrival (8) · envelope
 *                  · SMALL: content, to the end of the record · LARGE: octets of content (8)
 *   and those UNSTUFFED
 *   SETTLED        id (8) · status (1) · recipients
 *   DEFERRED       id (8) · attempts (4) · due (8) · recipients
 *   START          greatest id given out (8)
 * </pre>
 *
 * <p>Times are milliseconds since 1970, recipients a count (4) and an index (4) each. The uppermost bit of the attempts
 * tells that the sender was told of the delay, the two below it are the {@link StandingOrder}.
 */
final class MessageRecord {
    /** A message with its content. */
    static final byte SMALL = 'M';
    /** A message whose content is in a file of its own, named as the message. */
    static final byte LARGE = 'L';
    /** As {@link #SMALL}, where it is known that the content needs no dot-stuffing. */
    static final byte SMALL_UNSTUFFED = 'm';
    /** As {@link #LARGE}, where it is known that the content needs no dot-stuffing. */
    static final byte LARGE_UNSTUFFED = 'l';
    /** Recipients who are settled. */
    static final byte SETTLED = 'S';
    /** Recipients who are to be tried again. */
    static final byte DEFERRED = 'D';
    /** The first record of a segment. */
    static final byte START = 'B';

    /** Octets of what an index file has of a message, see {@link #outline}. */
    static final int OUTLINE = 40;

    private static final byte SETTLED_RELAYED = 'R';
    private static final byte SETTLED_FAILED = 'F';
    /** The status in a settled record that moved along with its message: the record of how is gone. */
    static final byte SETTLED_EARLIER = 'E';
    /** The status of those whose message was found damaged. */
    static final byte SETTLED_LOST = 'X';

    private static final int DELAY_TOLD = 1 << 31;
    private static final int ORDER_SHIFT = 29;
    private static final int ATTEMPTS = (1 << ORDER_SHIFT) - 1;

    private static final Logger LOG = LoggerFactory.getLogger(MessageRecord.class);

    private MessageRecord() {}

    /** What a message record says but for its content. */
    record Head(QueueId id, Instant arrival, Envelope envelope, int octets) {}

    static boolean isMessage(byte type) {
        return type == SMALL || type == SMALL_UNSTUFFED || isLarge(type);
    }

    static boolean isLarge(byte type) {
        return type == LARGE || type == LARGE_UNSTUFFED;
    }

    static boolean needsStuffing(byte type) {
        return type == SMALL || type == LARGE;
    }

    static byte message(boolean large, boolean stuffing) {
        if (large) {
            return stuffing ? LARGE : LARGE_UNSTUFFED;
        }
        return stuffing ? SMALL : SMALL_UNSTUFFED;
    }

    static byte[] head(QueueId id, Instant arrival, Envelope envelope) {
        Packer out = new Packer();
        out.int32(0).int64(id.value()).int64(arrival.toEpochMilli());
        out.text(envelope.reversePath().toString());
        parameters(out, envelope.parameters());
        out.int32(envelope.recipients().size());
        for (Recipient recipient : envelope.recipients()) {
            out.text(recipient.mailbox().toString());
            parameters(out, recipient.parameters());
        }
        byte[] octets = out.octets();
        ByteBuffer.wrap(octets).putInt(0, octets.length - Integer.BYTES);
        return octets;
    }

    /**
     * Reads a head, and leaves the buffer at the content.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Head head(ByteBuffer payload) {
        int start = payload.position();
        try {
            payload.getInt();
            QueueId id = new QueueId(payload.getLong());
            Instant arrival = Instant.ofEpochMilli(payload.getLong());
            ReversePath reversePath = ReversePath.parse(text(payload));
            EsmtpParameters parameters = parameters(payload);
            int count = payload.getInt();
            List<Recipient> recipients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                recipients.add(new Recipient(Mailbox.parse(text(payload)), parameters(payload)));
            }
            return new Head(id, arrival, new Envelope(reversePath, parameters, recipients), payload.position() - start);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("message record too short", e);
        }
    }

    /**
     * What the index keeps of a record: of a message id (8) · arrival (8) · recipients (4) · octets of the head (4) ·
     * octets of the content (8) · traits (8), of others all.
     *
     * @param into has room for {@link #OUTLINE}, which the result may lie in
     * @throws IllegalArgumentException if it is no message
     */
    static ByteBuffer outline(byte type, ByteBuffer payload, ByteBuffer into) {
        if (!isMessage(type)) {
            return payload;
        }
        try {
            int start = payload.position();
            int head = Integer.BYTES + payload.getInt();
            into.clear().putLong(payload.getLong()).putLong(payload.getLong());
            MessageTraits.Reader traits = new MessageTraits.Reader();
            traits.sender(slice(payload));
            skipParameters(payload);
            int recipients = payload.getInt();
            for (int i = 0; i < recipients; i++) {
                traits.recipient(slice(payload));
                skipParameters(payload);
            }
            into.putInt(recipients).putInt(head);
            int content = payload.limit() - start - head;
            if (head < payload.position() - start || content < (isLarge(type) ? Long.BYTES : 0)) {
                throw new IllegalArgumentException("head of " + head + " octets in message record");
            }
            return into.putLong(isLarge(type) ? payload.getLong(start + head) : content)
                    .putLong(traits.bits())
                    .flip();
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("message record too short", e);
        }
    }

    static byte[] settled(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        return settled(id, recipients, status == DeliveryStatus.RELAYED ? SETTLED_RELAYED : SETTLED_FAILED);
    }

    static byte[] settled(QueueId id, Collection<Integer> recipients, byte status) {
        Packer out = new Packer().int64(id.value()).int8(status);
        return recipients(out, recipients).octets();
    }

    static byte[] deferred(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        Packer out = new Packer()
                .int64(id.value())
                .int32(attempts(deferral))
                .int64(deferral.due().toEpochMilli());
        return recipients(out, recipients).octets();
    }

    /** Attempts, whether the sender was told of the delay, and the operator's order, in one number as in the record. */
    static int attempts(Deferral deferral) {
        int order = deferral.order().code << ORDER_SHIFT;
        return Math.min(deferral.attempts(), ATTEMPTS) | order | (deferral.delayTold() ? DELAY_TOLD : 0);
    }

    static Deferral deferral(int attempts, long dueMillis) {
        return new Deferral(
                attempts & ATTEMPTS,
                Instant.ofEpochMilli(dueMillis),
                (attempts & DELAY_TOLD) != 0,
                StandingOrder.of(attempts >>> ORDER_SHIFT));
    }

    static byte[] start(long lastId) {
        return new Packer().int64(lastId).octets();
    }

    static int[] recipients(ByteBuffer payload) {
        int[] indexes = new int[Math.min(payload.getInt(), payload.remaining() / Integer.BYTES)];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = payload.getInt();
        }
        return indexes;
    }

    private static Packer recipients(Packer out, Collection<Integer> indexes) {
        out.int32(indexes.size());
        indexes.forEach(out::int32);
        return out;
    }

    private static void parameters(Packer out, EsmtpParameters parameters) {
        out.int32(parameters.list().size());
        for (EsmtpParameter parameter : parameters.list()) {
            String value = parameter.value();
            out.text(parameter.keyword());
            // No value is empty, so that the empty text can stand for none.
            out.text(value == null ? "" : value);
        }
    }

    private static EsmtpParameters parameters(ByteBuffer payload) {
        int count = payload.getInt();
        List<EsmtpParameter> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String keyword = text(payload);
            String value = text(payload);
            parameter(keyword, value.isEmpty() ? null : value).ifPresent(list::add);
        }
        return list.isEmpty() ? EsmtpParameters.NONE : new EsmtpParameters(list);
    }

    /**
     * What was stored before values were checked as they are now may have one that is refused: then the keyword stands
     * alone if it can, as REQUIRETLS does, and otherwise goes. The message is worth more than its parameter.
     */
    private static Optional<EsmtpParameter> parameter(String keyword, @Nullable String value) {
        EsmtpKeyword known = EsmtpKeyword.find(keyword).orElse(null);
        if (known == null || known.takes(value)) {
            return Optional.of(new EsmtpParameter(keyword, value));
        }
        LOG.warn(
                "parameter left out of a stored message: {}={}", known.wire(), Octets.printable(String.valueOf(value)));
        return known.takes(null) ? Optional.of(new EsmtpParameter(keyword, null)) : Optional.empty();
    }

    private static void skipParameters(ByteBuffer payload) {
        for (int texts = 2 * payload.getInt(); texts > 0; texts--) {
            slice(payload);
        }
    }

    private static ByteBuffer slice(ByteBuffer payload) {
        int octets = textOctets(payload);
        ByteBuffer text = payload.slice(payload.position(), octets);
        payload.position(payload.position() + octets);
        return text;
    }

    private static int textOctets(ByteBuffer payload) {
        int octets = payload.getInt();
        if (octets < 0 || octets > payload.remaining()) {
            throw new IllegalArgumentException("text of " + octets + " octets in message record");
        }
        return octets;
    }

    private static String text(ByteBuffer payload) {
        return StandardCharsets.UTF_8.decode(slice(payload)).toString();
    }
}

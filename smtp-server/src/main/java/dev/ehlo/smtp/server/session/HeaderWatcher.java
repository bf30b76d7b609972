package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import dev.ehlo.smtp.server.SessionLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Passes content on to a sink and does the {@link HeaderDuties} of its profile on the way. The content goes through in
 * place, in as few slices as it came in and fields were left out; held back is only the beginning of a line of which it
 * is not yet clear whether, and what, field it is. One for each session; what it does never depends on where the content
 * was cut.
 */
final class HeaderWatcher {
    /** What is to be put at the header's end. */
    @FunctionalInterface
    interface Missing {
        /** The fields to add, given which ones there are; empty for none. */
        String fields(boolean from, boolean date, boolean messageId);
    }

    private enum Way {
        PASS,
        DROP,
        KEEP_FROM,
        KEEP_SENDER
    }

    private final HeaderDuties duties;
    private final SessionLimits limits;
    private final Missing missing;
    private final HeaderScanner header = new HeaderScanner();
    private final ByteBuffer held = ByteBuffer.allocate(HeaderScanner.MAX_UNDECIDED);
    private final FieldText from = new FieldText();
    private final FieldText sender = new FieldText();
    private MessageSink sink;
    /** What is done with the octets that are settled next. */
    private Way way = Way.PASS;
    /** Octets of content before the slice. */
    private long seen;
    /** What to add to an index in the slice for its place in the content. */
    private long origin;
    /** Where in the slice begins what is not settled. */
    private int unsettled;
    /** Whether what was passed on ends within a line. */
    private boolean lineOpen;
    /** Whether line ends are looked at, since no framing did before. */
    private boolean unframed;
    /** The last octet of the header that was looked at for that. */
    private byte lastOctet;

    private boolean bareNewline;
    private boolean ended;

    HeaderWatcher(HeaderDuties duties, SessionLimits limits, Missing missing, MessageSink sink) {
        this.duties = duties;
        this.limits = limits;
        this.missing = missing;
        this.sink = sink;
    }

    /**
     * Makes ready for another message.
     *
     * @param binary whether its content is kept to the bit, so that it may hold a bare CR or LF
     */
    void reset(MessageSink next, boolean binary) {
        sink = next;
        unframed = binary && duties.keepsAuthors();
        lastOctet = '\n';
        bareNewline = false;
        header.reset();
        held.clear();
        from.reset();
        sender.reset();
        way = Way.PASS;
        seen = 0;
        lineOpen = false;
        ended = false;
    }

    /** What there is in the header so far. */
    HeaderScanner header() {
        return header;
    }

    /** The field From, if there is one and it is kept. */
    FieldText from() {
        return from;
    }

    /** The field Sender, if there is one and it is kept. */
    FieldText sender() {
        return sender;
    }

    /** Whether a field holds a bare CR or LF, where authors are kept: for some readers another field begins there. */
    boolean hasBareNewline() {
        return bareNewline || unframed && lastOctet == '\r';
    }

    /** Passes the slice on, or what of it is clear; why the message is refused, or null. */
    @Nullable
    EncodedReply write(ByteBuffer slice) throws IOException {
        if (ended) {
            sink.write(slice);
            return null;
        }
        int limit = slice.limit();
        unsettled = slice.position();
        origin = seen - unsettled;
        seen += slice.remaining();
        while (header.nextField(slice)) {
            EncodedReply refusal = beyondLimit();
            if (refusal != null) {
                return refusal;
            }
            int at = slice.position();
            begin(slice);
            slice.limit(limit).position(at);
        }
        if (header.octets() > limits.maxHeaderOctets()) {
            return Replies.HEADER_TOO_LARGE;
        }
        settle(slice, header.octets());
        slice.limit(limit).position(unsettled);
        if (header.isEnded()) {
            end(header.isEndedByEmptyLine());
            sink.write(slice);
        } else {
            held.put(slice);
        }
        return null;
    }

    /** There is no more content. */
    void finish() throws IOException {
        if (!ended) {
            // What is held is no field, since it has no colon.
            end(held.position() == 0);
        }
    }

    /** Judged at each field: whichever limit is passed first counts, wherever the content was cut. */
    private @Nullable EncodedReply beyondLimit() {
        if (header.octets() > limits.maxHeaderOctets() || header.fields() > limits.maxHeaderFields()) {
            return Replies.HEADER_TOO_LARGE;
        }
        return header.count(HeaderField.RECEIVED) > limits.maxReceivedFields() ? Replies.MAIL_LOOP : null;
    }

    private void begin(ByteBuffer slice) throws IOException {
        HeaderField field = header.field();
        Way next = Way.PASS;
        if (duties.drops(field)) {
            next = Way.DROP;
        } else if (duties.keepsAuthors() && field == HeaderField.FROM) {
            next = Way.KEEP_FROM;
        } else if (duties.keepsAuthors() && field == HeaderField.SENDER) {
            next = Way.KEEP_SENDER;
        }
        if (next != way) {
            settle(slice, header.fieldStart());
            way = next;
        }
    }

    /** Sends all that is before that place in the content on its way. */
    private void settle(ByteBuffer slice, long upTo) throws IOException {
        int to = (int) (upTo - origin);
        if (to < unsettled) {
            // Where the octets that are held begin.
            return;
        }
        release();
        if (to > unsettled) {
            send(slice.limit(to).position(unsettled));
            unsettled = to;
        }
    }

    private void release() throws IOException {
        if (held.position() > 0) {
            send(held.flip());
            held.clear();
        }
    }

    private void send(ByteBuffer octets) throws IOException {
        if (unframed && !ended) {
            lookForBareNewlines(octets);
        }
        if (way == Way.DROP) {
            return;
        }
        if (way == Way.KEEP_FROM) {
            from.add(octets);
        } else if (way == Way.KEEP_SENDER) {
            sender.add(octets);
        }
        lineOpen = octets.get(octets.limit() - 1) != '\n';
        sink.write(octets);
    }

    private void lookForBareNewlines(ByteBuffer octets) {
        for (int at = octets.position(); at < octets.limit(); at++) {
            byte octet = octets.get(at);
            bareNewline |= octet == '\n' ? lastOctet != '\r' : lastOctet == '\r';
            lastOctet = octet;
        }
    }

    private void end(boolean withEmptyLine) throws IOException {
        ended = true;
        way = Way.PASS;
        if (duties.completes()) {
            String fields = missing.fields(
                    header.count(HeaderField.FROM) > 0,
                    header.count(HeaderField.DATE) > 0,
                    header.count(HeaderField.MESSAGE_ID) > 0);
            String text = (lineOpen && !fields.isEmpty() ? "\r\n" : "") + fields + (withEmptyLine ? "" : "\r\n");
            if (!text.isEmpty()) {
                sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            }
        }
        release();
    }
}

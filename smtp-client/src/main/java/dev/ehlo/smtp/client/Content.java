package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The content of one delivery, and what was found out about it. Handed from thread to thread with the delivery; several
 * may find out the same.
 */
final class Content {
    static final Reply UNREADABLE = Reply.of(451, "4.3.0", "the content can't be read");

    /** Octets of content that a loop looks through by itself: as much time as it takes to send them. */
    static final long LOOKED_THROUGH_ON_LOOP = 2 << 20;

    private static final int BLOCK_OCTETS = 64 * 1024;

    private final MessageSource source;
    private final boolean allOrNone;
    private volatile @Nullable ContentFacts facts;
    private volatile @Nullable Boolean tlsOptional;

    Content(MessageSource source) {
        this(source, false);
    }

    /** @param allOrNone whether it is for nobody where a server refuses one of its recipients */
    Content(MessageSource source, boolean allOrNone) {
        this.source = source;
        this.allOrNone = allOrNone;
    }

    boolean isAllOrNone() {
        return allOrNone;
    }

    MessageSource source() {
        return source;
    }

    long octets() {
        return source.octets();
    }

    /**
     * Whether it is to be looked through before a loop has it, since that may take long: not content of usual size, which
     * the loop looks through when a server wants to know, nor what the sender has told all about.
     */
    boolean isToBeLookedThrough(Envelope envelope) {
        return octets() > LOOKED_THROUGH_ON_LOOP && !envelope.parameters().has(EsmtpKeyword.BODY);
    }

    /** Looks through it if that is to be done. For threads that may block. */
    void prepare(Envelope envelope) throws IOException {
        if (isToBeLookedThrough(envelope) && facts == null) {
            look(ByteBuffer.allocate(BLOCK_OCTETS));
        }
    }

    /** Whether any octet is beyond ASCII; looks through all of it when it is first asked. For loops. */
    boolean hasEightBit(ContentBlocks blocks) throws IOException {
        ContentFacts known = facts;
        return (known != null ? known : look(blocks)).eightBit();
    }

    /** Whether it was looked through, or is so short that a loop may do it. */
    boolean isKnown() {
        return facts != null || octets() <= LOOKED_THROUGH_ON_LOOP;
    }

    /** Whether it consists of whole lines, as far as that can be known on a loop. */
    boolean isCanonical(ContentBlocks blocks) throws IOException {
        if (!source.needsStuffing()) {
            return true;
        }
        ContentFacts known = facts;
        return known != null ? known.canonical() : isKnown() && look(blocks).canonical();
    }

    /** Whether it has to be gone through on its way by DATA. */
    boolean needsStuffing() {
        ContentFacts known = facts;
        return source.needsStuffing() && (known == null || !known.isPlain());
    }

    /** Whether its author would rather have it arrive than under TLS. For threads that may block. RFC 8689 §3. */
    boolean isTlsOptional() throws IOException {
        Boolean known = tlsOptional;
        if (known == null) {
            try {
                known = TlsRequiredField.isNo(source);
            } catch (RuntimeException e) {
                throw failed(e);
            }
            tlsOptional = known;
        }
        return known;
    }

    /** The source is the caller's, and may fail in any way: that is its delivery's matter, and no other's. */
    static IOException failed(RuntimeException error) {
        return new IOException("the source of the content failed", error);
    }

    private ContentFacts look(ContentBlocks blocks) throws IOException {
        ContentBlocks.Block block = blocks.take();
        try {
            return look(block.octets());
        } finally {
            blocks.give(block);
        }
    }

    private ContentFacts look(ByteBuffer block) throws IOException {
        try {
            ContentFacts found = ContentFacts.of(source, block);
            facts = found;
            return found;
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.BareNewlines;
import dev.ehlo.smtp.codec.ChunkDecoder;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.EncodedReply;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * BDAT: so many octets of content behind each command, and a reply to each. Whatever is answered, the chunk is consumed
 * before, so that the session stays in step; where its size can't be told, or is beyond reason, it ends. A chunk that is
 * refused ends its transaction, and those that were sent behind it before the reply came are dropped. RFC 3030 §2.
 */
final class ChunkCommand {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Conversation conversation;
    private final ContentExchange exchange;
    private final ChunkDecoder text;
    private ChunkDecoder decoder;
    /** Where the session stands when the chunk is dropped. */
    private State before = State.GREETED;
    /** Answers the chunk once it is dropped; null if it is taken. */
    private @Nullable Runnable refusal;
    /** A chunk was refused, and others of its message may follow. */
    private boolean following;
    /** The chunk has no octets: it brings no message on its way, and may not come for ever. */
    private boolean empty;

    ChunkCommand(Conversation conversation, ContentExchange exchange) {
        this.conversation = conversation;
        this.exchange = exchange;
        this.text = new ChunkDecoder(conversation.role.bareNewlines());
        this.decoder = text;
    }

    /** @param because why no chunk is taken now; null if one is */
    void begin(Command command, @Nullable EncodedReply because) {
        long octets = command.chunkOctets();
        boolean last = command.isLastChunk();
        before = conversation.state;
        if (octets < 0) {
            conversation.end(because == null ? Replies.BAD_SEQUENCE : because);
        } else if (octets > conversation.role.limits().maxMessageOctets()) {
            conversation.end(Replies.TOO_LARGE);
        } else if (because == null) {
            take(octets, last);
        } else {
            refuse(octets, last, because);
        }
    }

    private void refuse(long octets, boolean last, EncodedReply because) {
        boolean stray = following && before == State.READY;
        // A message must not go on without the chunk that its command was too malformed to bring.
        boolean within = (before == State.RCPT || before == State.CHUNKED) && because != Replies.NOT_IMPLEMENTED;
        following = (stray || within) && !last;
        drop(octets, last, () -> {
            if (within) {
                exchange.refused(because.reply());
            }
            if (stray) {
                conversation.idle(because);
            } else {
                conversation.refuse(because);
            }
        });
    }

    private void take(long octets, boolean last) {
        following = !last;
        if (exchange.isOpen()) {
            start(octets, last, null);
        } else {
            // Binary content is kept to the bit. RFC 3030 §3.
            decoder = conversation.transaction().isBinary() ? new ChunkDecoder(BareNewlines.KEEP) : text;
            decoder.reset();
            exchange.open(() -> start(octets, last, null), reply -> drop(octets, last, () -> failed(reply)));
        }
    }

    private void drop(long octets, boolean last, Runnable answer) {
        if (!conversation.isClosed()) {
            start(octets, last, answer);
        }
    }

    private void start(long octets, boolean last, @Nullable Runnable answer) {
        refusal = answer;
        empty = octets == 0;
        decoder.begin(octets, last);
        conversation.state = State.CHUNK;
        if (empty) {
            chunk(NOTHING);
        }
    }

    /** Takes, or drops, what has come of the chunk; whether it is whole. */
    boolean chunk(ByteBuffer in) {
        Runnable answer = refusal;
        return answer == null ? take(in, exchange.receiver()) : drop(in, answer);
    }

    private boolean take(ByteBuffer in, ContentReceiver receiver) {
        long before = receiver.octets();
        boolean whole = decoder.decode(in, receiver);
        exchange.progressed(before, receiver.octets());
        if (whole) {
            taken(receiver);
        }
        return whole;
    }

    private boolean drop(ByteBuffer in, Runnable answer) {
        long left = decoder.octetsLeft();
        boolean whole = decoder.discard(in);
        exchange.progressed(-left, -decoder.octetsLeft());
        if (whole) {
            conversation.state = before;
            answer.run();
        }
        return whole;
    }

    private void taken(ContentReceiver receiver) {
        if (decoder.isRefused()) {
            receiver.refuse(Replies.BARE_NEWLINE);
        }
        EncodedReply refused = receiver.refusal();
        if (decoder.isLast()) {
            exchange.end();
        } else if (refused != null) {
            exchange.refused(refused.reply());
            conversation.refuse(refused);
        } else {
            conversation.state = State.CHUNKED;
            if (empty) {
                conversation.idle(Replies.CHUNK_TAKEN);
            } else {
                conversation.send(Replies.CHUNK_TAKEN);
            }
        }
    }

    private void failed(Reply reply) {
        if (decoder.isLast()) {
            exchange.refuseWhole(reply);
        } else {
            exchange.refused(reply);
            conversation.refusedByHandler(reply);
        }
    }
}

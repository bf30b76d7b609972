package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.BareNewlines;
import dev.ehlo.smtp.codec.ChunkDecoder;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.EncodedReply;
import java.nio.ByteBuffer;

/**
 * BDAT, which is not offered: its chunk is dropped, and then it is refused; where its size can't be told, or is beyond
 * reason, the session can't go on in step and ends. RFC 3030 §2.
 */
final class ChunkCommand {
    /** Octets that count as progress. */
    private static final int BLOCK = 4096;

    private final Conversation conversation;
    private final ChunkDecoder chunk = new ChunkDecoder(BareNewlines.KEEP);
    private State before = State.GREETED;
    private EncodedReply reply = Replies.NOT_IMPLEMENTED;

    ChunkCommand(Conversation conversation) {
        this.conversation = conversation;
    }

    void begin(Command command, EncodedReply refusal) {
        if (command.chunkOctets() < 0) {
            conversation.end(refusal);
        } else if (command.chunkOctets() > conversation.role.limits().maxMessageOctets()) {
            conversation.end(Replies.TOO_LARGE);
        } else {
            before = conversation.state;
            reply = refusal;
            chunk.begin(command.chunkOctets(), command.isLastChunk());
            conversation.state = State.CHUNK;
            endIf(chunk.octetsLeft() == 0);
        }
    }

    void drop(ByteBuffer in) {
        long blocks = chunk.octetsLeft() / BLOCK;
        boolean whole = chunk.discard(in);
        conversation.progress += blocks - chunk.octetsLeft() / BLOCK;
        endIf(whole);
    }

    private void endIf(boolean whole) {
        if (whole) {
            conversation.state = before;
            conversation.refuse(reply);
        }
    }
}

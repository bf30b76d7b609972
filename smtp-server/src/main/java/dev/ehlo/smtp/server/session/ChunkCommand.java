package dev.ehlo.smtp.server.session;

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
    private State before = State.GREETED;
    private EncodedReply reply = Replies.NOT_IMPLEMENTED;
    private long octetsLeft;

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
            octetsLeft = command.chunkOctets();
            conversation.state = State.CHUNK;
            endIfWhole();
        }
    }

    void drop(ByteBuffer in) {
        int octets = (int) Math.min(octetsLeft, in.remaining());
        in.position(in.position() + octets);
        conversation.progress += octetsLeft / BLOCK - (octetsLeft - octets) / BLOCK;
        octetsLeft -= octets;
        endIfWhole();
    }

    private void endIfWhole() {
        if (octetsLeft == 0) {
            conversation.state = before;
            conversation.refuse(reply);
        }
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.codec.DataDecoder;
import dev.ehlo.smtp.codec.EncodedReply;
import java.nio.ByteBuffer;

/** DATA, from the command over the content to end of data. RFC 5321 §4.1.1.4. */
final class DataCommand {
    private final Conversation conversation;
    private final ContentExchange exchange;
    private final DataDecoder decoder;

    DataCommand(Conversation conversation, ContentExchange exchange) {
        this.conversation = conversation;
        this.exchange = exchange;
        this.decoder = new DataDecoder(conversation.role.bareNewlines());
    }

    /** @param early whether octets stand behind the command: content, which is not to be run as commands */
    void begin(boolean early) {
        if (conversation.transaction().isBinary()) {
            refuse(Replies.BINARY_BY_BDAT, early);
            return;
        }
        exchange.open(
                () -> {
                    decoder.reset();
                    conversation.state = State.CONTENT;
                    conversation.send(Replies.START_CONTENT);
                },
                reply -> {
                    conversation.transaction().noteRefusedContent(reply);
                    conversation.refusedByHandler(reply);
                    if (early) {
                        conversation.close();
                    }
                });
    }

    /** Whether an octet of the content that is taken has come. */
    boolean isBegun() {
        return exchange.receiver().octets() > 0;
    }

    /** There is no content now. */
    void refuse(EncodedReply refusal, boolean early) {
        if (early) {
            conversation.end(refusal);
        } else {
            conversation.refuse(refusal);
        }
    }

    /** Takes content; whether there may be more to do with what has come. */
    boolean take(ByteBuffer in) {
        ContentReceiver receiver = exchange.receiver();
        long before = receiver.octets();
        boolean whole = decoder.decode(in, receiver);
        exchange.progressed(before, receiver.octets());
        if (whole) {
            end(receiver, in.hasRemaining());
        } else if (receiver.isEndless()) {
            conversation.end(Replies.TOO_LARGE);
        }
        return whole || conversation.isClosed();
    }

    private void end(ContentReceiver receiver, boolean pipelined) {
        Role role = conversation.role;
        boolean mayPipeline = role.isSubmission() || conversation.info.esmtp() && role.offers(Extension.PIPELINING);
        if (pipelined && !mayPipeline) {
            conversation.end(Replies.OUT_OF_STEP);
            return;
        }
        if (decoder.isRefused()) {
            receiver.refuse(Replies.BARE_NEWLINE);
        }
        if (decoder.needsNoStuffing()) {
            receiver.needsNoStuffing();
        }
        exchange.end();
    }
}

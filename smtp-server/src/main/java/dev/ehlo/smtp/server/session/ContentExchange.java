package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How content finds its sink, and what is answered when it is whole, whether it comes after DATA or in chunks. */
final class ContentExchange {
    /** Octets that count as progress. */
    private static final int BLOCK = 4096;

    private final Conversation conversation;
    private @Nullable ContentReceiver taking;
    private int messages;

    ContentExchange(Conversation conversation) {
        this.conversation = conversation;
    }

    /**
     * Asks the handler where the content of the transaction goes; {@link #receiver} then takes it.
     *
     * @param refused told why nothing takes it
     */
    void open(Runnable opened, Consumer<Reply> refused) {
        Envelope envelope = conversation.transaction().toEnvelope();
        conversation.handler.data(
                conversation,
                envelope,
                target -> answered(target, opened, refused),
                () -> refused.accept(Replies.LOCAL_ERROR.reply()));
    }

    private void answered(Target target, Runnable opened, Consumer<Reply> refused) {
        MessageSink sink = target.sink();
        if (sink == null) {
            refused.accept(target.refusal());
        } else if (conversation.isClosed()) {
            sink.abort();
        } else {
            messages++;
            conversation.transaction().noteMessage(messages);
            if (taking == null) {
                taking = new ContentReceiver(conversation.role, sink, conversation.driver);
            }
            // First of all, so that it is ended whatever its sink throws.
            conversation.content = taking;
            taking.begin(conversation.info, messages, conversation.transaction(), sink);
            opened.run();
        }
    }

    /** Whether content of this transaction was taken already. */
    boolean isOpen() {
        return conversation.content != null;
    }

    /** What takes the content; there is one from when it was opened until it ends. */
    ContentReceiver receiver() {
        return Objects.requireNonNull(conversation.content);
    }

    /** So many octets were consumed before, and so many are now: a peer that stands still is told by it. */
    void progressed(long before, long now) {
        conversation.contentOctets += now - before;
        conversation.progress += now / BLOCK - before / BLOCK;
    }

    /** The content is whole: answers it, and the transaction is over. RFC 5321 §4.1.1.4. */
    void end() {
        ContentReceiver receiver = receiver();
        receiver.finish();
        EncodedReply refusal = receiver.refusal();
        Authors authors = receiver.authors();
        if (refusal != null) {
            refuse(refusal);
        } else if (authors == null) {
            complete(receiver);
        } else {
            // The message stays open meanwhile, and is aborted if the connection goes.
            conversation.ask(
                    () -> isOwn(authors),
                    own -> judged(receiver, own ? null : Replies.NOT_YOUR_AUTHORS),
                    () -> judged(receiver, Replies.LOCAL_ERROR));
        }
    }

    private boolean isOwn(Authors authors) {
        String login = conversation.info.login().orElseThrow();
        return conversation.role.server().senderRule().ownsHeader(login, authors.from(), authors.sender());
    }

    private void judged(ContentReceiver receiver, @Nullable EncodedReply refusal) {
        if (conversation.isClosed()) {
            return;
        }
        if (refusal == null) {
            complete(receiver);
        } else {
            refuse(refusal);
        }
    }

    private void refuse(EncodedReply refusal) {
        int replies = replies();
        refused(refusal.reply());
        conversation.refuse(refusal);
        for (int i = 1; i < replies; i++) {
            conversation.send(refusal);
        }
    }

    /** Nothing takes the content that the client sent all the same, and of which nothing more follows. */
    void refuseWhole(Reply refusal) {
        int replies = replies();
        refused(refusal);
        for (int i = 1; i < replies; i++) {
            conversation.send(refusal);
        }
        conversation.refusedByHandler(refusal);
    }

    /** How many replies there are to the content: LMTP has one for each recipient that was taken. RFC 2033 §4.2, §4.3. */
    private int replies() {
        return conversation.role.isLmtp() ? conversation.transaction().recipientCount() : 1;
    }

    /** From here on the content is the sink's, whatever becomes of the connection. */
    private void complete(ContentReceiver receiver) {
        int replies = replies();
        Transaction ended = conversation.transaction();
        long octets = receiver.octets();
        over();
        conversation.content = null;
        if (conversation.role.isLmtp()) {
            conversation.await(
                    () -> receiver.completeForEach(replies),
                    each -> completedForEach(ended, octets, each, replies),
                    () -> answer(ended, octets, Collections.nCopies(replies, Replies.LOCAL_ERROR.reply())));
        } else {
            conversation.await(
                    receiver::complete, reply -> completed(ended, octets, reply), () -> failed(ended, octets));
        }
    }

    /** Whatever has come of the content comes to nothing, and so does its transaction. */
    void refused(Reply reply) {
        conversation.refuseTransaction(reply);
        over();
    }

    private void over() {
        conversation.progress++;
        conversation.transaction = null;
        conversation.state = State.READY;
    }

    private void completed(Transaction ended, long octets, Reply reply) {
        if (reply.isIntermediate()) {
            conversation.driver.failed(new IllegalStateException("the sink answered end of data with " + reply));
            failed(ended, octets);
        } else {
            conversation.answered(ended, octets, reply);
            conversation.messageAnswered(reply);
        }
    }

    private void failed(Transaction ended, long octets) {
        conversation.answered(ended, octets, Replies.LOCAL_ERROR.reply());
        conversation.send(Replies.LOCAL_ERROR);
    }

    private void answer(Transaction ended, long octets, List<Reply> replies) {
        conversation.answered(
                ended,
                octets,
                replies.stream().filter(Reply::isPositive).findFirst().orElse(replies.get(0)));
        conversation.messageAnswered(replies);
    }

    private void completedForEach(Transaction ended, long octets, List<Reply> replies, int recipients) {
        if (replies.size() == recipients
                && replies.stream().noneMatch(reply -> reply == null || reply.isIntermediate())) {
            answer(ended, octets, replies);
        } else {
            conversation.driver.failed(
                    new IllegalStateException("the sink answered for " + recipients + " with " + replies));
            answer(ended, octets, Collections.nCopies(recipients, Replies.LOCAL_ERROR.reply()));
        }
    }
}

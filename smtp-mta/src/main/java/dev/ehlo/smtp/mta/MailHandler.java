package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.IOException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks recipients against the users and hands messages to the queue. Runs on the event loops: it waits for no lock, no
 * peer and no sync, and touches files as the page cache has them (the time of change of one small file for a recipient,
 * large content as it comes).
 */
final class MailHandler implements SmtpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MailHandler.class);
    private static final Reply CANNOT_CHECK = Reply.of(451, "4.3.0", "Users cannot be looked up now");

    private final Users users;
    private final Predicate<Recipient> isLocal;
    private final MailQueue queue;

    MailHandler(Users users, Predicate<Recipient> isLocal, MailQueue queue) {
        this.users = users;
        this.isLocal = isLocal;
        this.queue = queue;
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        if (!isLocal.test(recipient)) {
            return RECIPIENT_OK;
        }
        try {
            return users.mailboxOf(recipient.mailbox().localPart()).isPresent() ? RECIPIENT_OK : Users.NO_SUCH_USER;
        } catch (IOException e) {
            LOG.error("users cannot be looked up: {}", DataDirectory.reason(e));
            return CANNOT_CHECK;
        }
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) {
        return queue.open(envelope);
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.EncodedReply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MAIL and RCPT, where the sequence allows them: who may send what to whom. RFC 5321 §4.1.1.2, §4.1.1.3. */
final class EnvelopeCommands {
    private static final EsmtpParameter NO_SUBMITTER = EsmtpParameter.auth(ReversePath.NULL);

    private final Conversation conversation;
    private final Role role;
    private final boolean relaysForClient;

    EnvelopeCommands(Conversation conversation) {
        this.conversation = conversation;
        this.role = conversation.role;
        // Who delivers by LMTP has been let in to hand over whatever the handler takes.
        this.relaysForClient = role.isSubmission()
                || role.isLmtp()
                || role.profile().isAnyRecipient()
                || role.isTrusted(conversation.info.remoteAddress().getAddress());
    }

    void mail(Command command) {
        if (role.isSubmission() && conversation.info.login().isEmpty()) {
            conversation.refuse(Replies.AUTH_FIRST);
            return;
        }
        if (conversation.driver.shedsTransactions()) {
            conversation.refusedForNow(Replies.NO_TRANSACTION_NOW);
            return;
        }
        if (!conversation.beginsTransaction()) {
            return;
        }
        EsmtpParameters given = command.toParameters();
        EncodedReply refusal = command.isPathUtf8() && !command.hasParameter(EsmtpKeyword.SMTPUTF8)
                ? Replies.NEEDS_SMTPUTF8
                : MailParameters.refusal(given, role, conversation.info);
        if (refusal != null) {
            conversation.refuse(refusal);
            return;
        }
        ReversePath reversePath = command.toReversePath();
        EsmtpParameters parameters = withoutSubmitter(given);
        conversation.handler.mail(conversation, reversePath, parameters, reply -> {
            if (!reply.isPositive()) {
                conversation.refusedByHandler(reply);
            } else if (!conversation.isClosed()) {
                conversation.begin(new Transaction(reversePath, parameters, conversation.driver.nanoTime()));
                conversation.state = State.MAIL;
                conversation.send(reply);
            }
        });
    }

    /** Nobody is trusted to say who submitted a message elsewhere: it is as if nobody was named. RFC 4954 §5. */
    private static EsmtpParameters withoutSubmitter(EsmtpParameters given) {
        if (given.list().isEmpty() || !given.has(EsmtpKeyword.AUTH)) {
            return given;
        }
        List<EsmtpParameter> list = new ArrayList<>(given.list());
        list.replaceAll(each -> each.keyword().equals(EsmtpKeyword.AUTH.wire()) ? NO_SUBMITTER : each);
        return new EsmtpParameters(list);
    }

    void rcpt(Command command) {
        Transaction transaction = conversation.transaction();
        Mailbox mailbox = command.toForwardPath();
        EncodedReply refusal = refusal(command, transaction, mailbox);
        if (refusal != null) {
            conversation.refuseRecipient(refusal.reply());
            return;
        }
        Recipient recipient = new Recipient(mailbox, command.toParameters());
        conversation.handler.rcpt(conversation, recipient, reply -> {
            if (!reply.isPositive()) {
                conversation.refuseRecipient(reply);
            } else if (!conversation.isClosed()) {
                transaction.add(recipient);
                conversation.state = State.RCPT;
                conversation.send(reply);
            }
        });
    }

    private @Nullable EncodedReply refusal(Command command, Transaction transaction, Mailbox mailbox) {
        if (transaction.recipientCount() >= role.limits().maxRecipients()) {
            return Replies.TOO_MANY_RECIPIENTS;
        }
        long wait = conversation.driver.recipientWait();
        if (wait > 0) {
            return Replies.tooManyRecipients(wait);
        }
        if (command.isPathUtf8() && !transaction.isUtf8()) {
            return Replies.NEEDS_SMTPUTF8;
        }
        if (MailParameters.isUnknown(command, role, conversation.info)) {
            return Replies.UNKNOWN_PARAMETER;
        }
        // What a server must never be: a relay for strangers. RFC 5321 §7.9.
        return relaysForClient || role.isLocal(mailbox) ? null : Replies.RELAY_DENIED;
    }
}

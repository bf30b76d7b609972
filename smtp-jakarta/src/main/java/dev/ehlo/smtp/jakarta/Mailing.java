package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.event.TransportEvent;
import jakarta.mail.internet.InternetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The addresses that one message goes to, and what becomes of each. Used by one thread. */
final class Mailing {
    private static final Reply WITHHELD = Reply.of(451, "4.5.0", "not sent, as another address is none");

    private final List<One> all = new ArrayList<>();

    /** An address, what it is to the client, and what became of it. */
    private static final class One {
        final InternetAddress address;
        /** Null if it is no mailbox. */
        final @Nullable Recipient recipient;

        DeliveryStatus status = DeliveryStatus.NOT_SENT;
        Reply reply = WITHHELD;

        @Nullable
        DeliveryPhase phase;

        One(InternetAddress address, EsmtpParameters parameters) {
            this.address = address;
            Recipient known = null;
            try {
                known = new Recipient(Mailbox.parse(address.getAddress()), parameters);
            } catch (IllegalArgumentException e) {
                status = DeliveryStatus.FAILED;
                reply = Reply.quoting(553, "5.1.3", e.getMessage() == null ? "not a mailbox" : e.getMessage());
            }
            this.recipient = known;
        }

        /** Whether it is the address that is at fault. */
        boolean isInvalid() {
            return status == DeliveryStatus.FAILED && (recipient == null || phase == DeliveryPhase.RCPT);
        }
    }

    /**
     * To these addresses, and those in the groups among them.
     *
     * @throws MessagingException if there is none, or one is no internet address
     */
    Mailing(Address @Nullable [] addresses, EsmtpParameters parameters) throws MessagingException {
        for (Address each : addresses == null ? new Address[0] : addresses) {
            if (!(each instanceof InternetAddress address)) {
                throw new MessagingException(each + " is not an InternetAddress");
            }
            InternetAddress[] group = address.isGroup() ? address.getGroup(true) : null;
            for (InternetAddress member : group == null ? new InternetAddress[] {address} : group) {
                all.add(new One(member, parameters));
            }
        }
        if (all.isEmpty()) {
            throw new SendFailedException("No recipient addresses");
        }
    }

    /** Those that can be sent to. */
    List<Recipient> recipients() {
        List<Recipient> recipients = new ArrayList<>();
        for (One each : all) {
            if (each.recipient != null) {
                recipients.add(each.recipient);
            }
        }
        return recipients;
    }

    /** Whether each address is one. */
    boolean isAllMailboxes() {
        return all.stream().allMatch(each -> each.recipient != null);
    }

    /** What became of the recipients. */
    void take(DeliveryReport report) {
        int next = 0;
        for (One each : all) {
            if (each.recipient != null) {
                RecipientOutcome outcome = report.outcomes().get(next++);
                each.status = outcome.status();
                each.reply = outcome.reply();
                each.phase = outcome.phase();
            }
        }
    }

    Address[] sent() {
        return those(each -> each.status.isSuccess());
    }

    Address[] unsent() {
        return those(each -> !each.status.isSuccess() && !each.isInvalid());
    }

    Address[] invalid() {
        return those(One::isInvalid);
    }

    private Address[] those(Predicate<One> which) {
        List<Address> found = new ArrayList<>(all.size());
        for (One each : all) {
            if (which.test(each)) {
                found.add(each.address);
            }
        }
        return found.toArray(Address[]::new);
    }

    /** The type of {@link TransportEvent}. */
    int event() {
        int sent = sent().length;
        return sent == all.size()
                ? TransportEvent.MESSAGE_DELIVERED
                : sent > 0 ? TransportEvent.MESSAGE_PARTIALLY_DELIVERED : TransportEvent.MESSAGE_NOT_DELIVERED;
    }

    /**
     * What the caller is to be told.
     *
     * @param isSuccessTold whether also of those who have the message
     * @return null if nothing
     */
    @Nullable
    SendFailedException failure(boolean isSuccessTold) {
        RecipientException chain = null;
        for (int i = all.size() - 1; i >= 0; i--) {
            One each = all.get(i);
            if (isSuccessTold || !each.status.isSuccess()) {
                chain = new RecipientException(each.address, each.status, each.reply, each.phase, chain);
            }
        }
        if (chain == null) {
            return null;
        }
        String what = invalid().length > 0 ? "Invalid Addresses" : unsent().length > 0 ? "not sent" : "sent";
        return new SendFailedException(what + "; " + chain.getMessage(), chain, sent(), unsent(), invalid());
    }

    @Override
    public String toString() {
        return Arrays.toString(those(each -> true));
    }
}

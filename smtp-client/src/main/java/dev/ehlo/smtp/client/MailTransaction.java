package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.Verb;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One mail transaction, as two cursors over the same steps: one sends, one receives.
 *
 *     -1 RSET · 0 MAIL · 1…n RCPT · n+1 DATA · n+2 content and end of data · n+3
 *
 * RSET stands before it only where an earlier transaction of the session was left open. RFC 5321 §4.1.1.5.
 * Binary content goes by BDAT instead, in one chunk, and nothing stands for DATA: its step is passed over once all
 * recipients have been answered. RFC 3030 §2, §3.
 *
 * The receiving cursor is never ahead of the sending one: a reply without its step is the server's mistake, or an
 * attack. The sending one is ahead by one step, or, where the server offers PIPELINING, by the whole group that DATA
 * ends; content waits for 354 in either case. A recipient is undecided until a refusal, or the reply to end of data,
 * decides it: only 2yz to end of data makes it relayed. RFC 5321 §3.3, RFC 2920 §3.1.
 */
final class MailTransaction {
    /**
     * Octets of a MAIL or RCPT line: those of RFC 5321 §4.5.3.1.4, and ample room for what extensions add. What is
     * longer is refused here.
     */
    static final int MAX_COMMAND_LINE = 2048;

    /** Where loops try whether commands can be put. */
    private static final ThreadLocal<ByteBuffer> SCRATCH =
            ThreadLocal.withInitial(() -> ByteBuffer.allocate(MAX_COMMAND_LINE));

    private static final int RSET = -1;
    private static final int MAIL = 0;

    private final SessionPlan plan;
    private final OfferedParameters offered;
    private final Set<Extension> extensions;
    private final boolean pipelining;
    private final boolean binary;
    private final Dialogue dialogue;
    private final EsmtpParameters mail;
    private final @Nullable RecipientOutcome[] outcomes;
    /** By step: which recipient of the envelope is asked for. */
    private final int[] asked;

    private final int data;
    private final int endOfData;

    private int sending;
    private int receiving;
    private int accepted;
    private boolean mailTaken;
    /** Whether the server knows of a transaction: not before anything is sent, nor after the reply to end of data. */
    private boolean open;

    /**
     * A transaction of which nothing is sent.
     *
     * @param reset whether another one is to be left first
     * @throws IOException if the content has to be looked at, and can't be read
     */
    MailTransaction(SessionPlan plan, Opening opening, boolean reset, Dialogue dialogue) throws IOException {
        Capabilities capabilities = opening.capabilities();
        this.plan = plan;
        this.open = reset;
        this.sending = reset ? RSET : MAIL;
        this.receiving = sending;
        this.offered = new OfferedParameters(capabilities);
        this.extensions = opening.extensions();
        this.pipelining = capabilities.has("PIPELINING");
        this.binary = OfferedParameters.isBinary(plan.envelope());
        this.dialogue = dialogue;
        this.mail = offered.mail(plan.envelope(), plan.content());
        this.outcomes = new RecipientOutcome[plan.envelope().recipients().size()];
        this.asked = refuseWhatCantBeSent();
        this.data = asked.length + 1;
        this.endOfData = data + 1;
    }

    private int[] refuseWhatCantBeSent() {
        Envelope envelope = plan.envelope();
        Optional<Reply> refusal = offered.mailRefusal(envelope, plan.content().octets());
        ByteBuffer scratch = SCRATCH.get();
        if (refusal.isEmpty() && !isEncodable(() -> CommandEncoder.mail(scratch.clear(), envelope, mail))) {
            refusal = Optional.of(notEncodable());
        }
        int[] asks = new int[outcomes.length];
        int count = 0;
        for (int i = 0; i < outcomes.length; i++) {
            Recipient recipient = envelope.recipients().get(i);
            Optional<Reply> why = refusal.or(() -> offered.rcptRefusal(recipient));
            if (why.isEmpty() && !isEncodable(() -> rcpt(scratch.clear(), recipient))) {
                why = Optional.of(notEncodable());
            }
            if (why.isPresent()) {
                outcomes[i] = new RecipientOutcome(recipient, DeliveryStatus.FAILED, why.get(), plan.host());
            } else {
                asks[count++] = i;
            }
        }
        return Arrays.copyOf(asks, count);
    }

    private void rcpt(ByteBuffer out, Recipient recipient) {
        CommandEncoder.rcpt(out, recipient, offered.rcpt(recipient.parameters()));
    }

    private Recipient recipient(int step) {
        return plan.envelope().recipients().get(asked[step - 1]);
    }

    private static boolean isEncodable(Runnable encoding) {
        try {
            encoding.run();
            return true;
        } catch (IllegalArgumentException | BufferOverflowException cantStandOnTheWire) {
            return false;
        }
    }

    private static Reply notEncodable() {
        return Reply.quoting(501, "5.5.4", "address or parameters that can't be sent");
    }

    /** Octets of room that {@link #send} needs to get on; 0 if no command is to be sent before a reply has come. */
    int room() {
        if (isDone() || isContentDue()) {
            return 0;
        }
        boolean inStep = sending == receiving;
        int group = binary ? data - 1 : data;
        boolean ready = sending <= group ? inStep || pipelining && mayGroup() : sending <= endOfData && inStep;
        return ready ? MAX_COMMAND_LINE : 0;
    }

    /** Whether the content is to be sent now, by whoever drives this, who then says {@link #contentSent}. */
    boolean isContentDue() {
        return isInContent() && accepted > 0;
    }

    /** Whether the content goes in a chunk, as it is. */
    boolean isBinary() {
        return binary;
    }

    /** Nothing is left to be pipelined once the transaction has been refused. */
    private boolean mayGroup() {
        return mailTaken || receiving <= MAIL;
    }

    /** Puts the next command. */
    void send(ByteBuffer out) {
        int from = out.position();
        if (sending == RSET) {
            CommandEncoder.command(out, Verb.RSET, "");
            open = false;
        } else if (sending == MAIL) {
            CommandEncoder.mail(out, plan.envelope(), mail);
            open = true;
        } else if (sending < data) {
            rcpt(out, recipient(sending));
        } else if (sending == data && binary) {
            CommandEncoder.bdat(out, plan.content().octets(), true);
            receiving++;
        } else if (sending == data) {
            CommandEncoder.command(out, Verb.DATA, "");
        } else {
            // Never of a chunk, which waits for a recipient. The server took a pipelined DATA although it took no
            // recipient: nothing is what it gets. RFC 2920 §3.1.
            CommandEncoder.line(out, ".");
        }
        sending++;
        dialogue.sent(out, from);
    }

    /** The content has been put, with end of data behind it. */
    void contentSent() {
        dialogue.sentContent(plan.content().octets(), !binary);
        sending++;
    }

    /** Whether the reply is one to something that was sent. */
    boolean isExpectingReply() {
        return receiving < sending;
    }

    /** Whether content is on its way and not yet whole. */
    boolean isInContent() {
        return receiving == endOfData && sending == endOfData;
    }

    /** Whether end of data has been put out, so that the server may have the message for those who are undecided. */
    boolean isUnknown() {
        return sending > endOfData && accepted > 0;
    }

    /**
     * Takes the reply to the step that is due.
     *
     * @return false if no server should say that here
     */
    boolean receive(Reply reply) {
        int step = receiving++;
        if (step == RSET) {
            return reply.isPositive();
        }
        if (step == data) {
            if (reply.isTransient() || reply.isPermanent()) {
                decide(reply);
                sending = endOfData + 1;
                receiving = sending;
                return true;
            }
            return reply.code() == 354;
        }
        if (reply.isIntermediate()) {
            return false;
        }
        if (step == MAIL) {
            mailTaken = reply.isPositive();
            if (!mailTaken) {
                decide(reply);
            }
        } else if (step < data) {
            if (!reply.isPositive()) {
                refuse(step, reply);
            } else if (mailTaken) {
                accepted++;
            }
        } else {
            open = false;
            decide(reply);
        }
        return true;
    }

    /** Whether the server has to be told by RSET that this is over, before another one. */
    boolean isOpen() {
        return open;
    }

    /** RFC 5321 §4.5.3.1.10: 552 to RCPT is an old way to say 452, too many recipients. */
    private void refuse(int step, Reply reply) {
        int i = asked[step - 1];
        if (outcomes[i] == null) {
            RecipientOutcome refused = RecipientOutcome.replied(recipient(step), reply, plan.host());
            outcomes[i] = reply.code() == 552
                    ? new RecipientOutcome(refused.recipient(), DeliveryStatus.DEFERRED, reply, plan.host())
                    : refused;
        }
    }

    /** Ends the transaction for all who are undecided, as the server's reply says. */
    void decide(Reply reply) {
        Set<Extension> known = reply.isPositive() ? extensions : Set.of();
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                Recipient recipient = plan.envelope().recipients().get(i);
                outcomes[i] = RecipientOutcome.replied(
                        recipient, reply, new RemoteHost(plan.host(), null, null, known), DeliveryPhase.END_OF_DATA);
            }
        }
    }

    /** Ends the transaction for all who are undecided, as this side has to say. */
    void decide(DeliveryStatus status, Reply reply) {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                outcomes[i] = new RecipientOutcome(plan.envelope().recipients().get(i), status, reply, plan.host());
            }
        }
    }

    /** Whether nothing is left to send or to wait for. */
    boolean isDone() {
        if (sending != receiving) {
            return false;
        }
        boolean refused =
                receiving > MAIL && receiving < endOfData && (!mailTaken || receiving == data && accepted == 0);
        return refused || receiving > endOfData || asked.length == 0;
    }

    /** How long to wait in the state that the transaction is in. */
    Duration timeout() {
        SessionTimeouts timeouts = plan.timeouts();
        if (!isExpectingReply()) {
            return timeouts.block();
        }
        return receiving < data ? timeouts.command() : receiving == data ? timeouts.data() : timeouts.endOfData();
    }

    /** What is waited for, in words. */
    String waitingFor() {
        if (isInContent()) {
            return "room for content";
        }
        if (receiving == RSET) {
            return "the reply to RSET";
        }
        String step =
                receiving == MAIL ? "MAIL" : receiving < data ? "RCPT" : receiving == data ? "DATA" : "end of data";
        return "the reply to " + step;
    }

    /** One outcome for each recipient of the envelope, once {@link #isDone()} or all have been decided. */
    List<RecipientOutcome> outcomes() {
        List<RecipientOutcome> all = new ArrayList<>(outcomes.length);
        for (RecipientOutcome each : outcomes) {
            all.add(Objects.requireNonNull(each));
        }
        return all;
    }
}

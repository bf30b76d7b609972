package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.ReplyView;
import dev.ehlo.smtp.codec.Verb;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One mail transaction, as two cursors over the same steps: one sends, one receives.
 *
 *     -1 RSET · 0 MAIL · 1…n RCPT · n+1 DATA or BDAT · n+2 content and end of data · n+3
 *
 * RSET stands before it only where an earlier transaction of the session was left open, or may be. RFC 5321 §4.1.1.5.
 * Content goes by BDAT, in one chunk and as it is, where the server offers that and the content is lines or the server
 * takes it without: then there is no reply to its command, but one to the chunk alone. RFC 3030 §2.
 *
 * The receiving cursor is never ahead of the sending one: a reply without its step is the server's mistake, or an
 * attack. The sending one is ahead by one step, or, where the server offers PIPELINING, by the whole group that DATA
 * ends, and with a small chunk by everything; otherwise content waits for 354, and a chunk for a recipient. A recipient
 * is undecided until a refusal, or the reply to end of data, decides it: only 2yz to end of data makes it relayed.
 * RFC 5321 §3.3, RFC 2920 §3.1.
 */
final class MailTransaction {
    /**
     * Octets of a MAIL or RCPT line: those of RFC 5321 §4.5.3.1.4, and ample room for what extensions add. What is
     * longer is refused here.
     */
    static final int MAX_COMMAND_LINE = 2048;

    /** Octets of a chunk that is sent before the server has taken a recipient: it may be for nobody. */
    static final long EARLY_OCTETS = 64 * 1024;

    private static final Reply WITHHELD =
            Reply.of(451, "4.5.0", "not sent, as another recipient was refused and it is for all or none");
    private static final Reply NOT_ENCODABLE = Reply.of(501, "5.5.4", "address or parameters that can't be sent");
    private static final int RSET = -1;
    private static final int MAIL = 0;

    private final SessionPlan plan;
    private final Offer offer;
    private final Dialogue dialogue;
    private final Recipients recipients;
    private final boolean chunk;
    private final boolean early;
    /** Whether the content waits for the replies to all recipients, and is not sent unless they are all taken. */
    private final boolean allOrNone;

    private boolean withheld;
    /** The parameters of MAIL. */
    private String mail = "";
    /** What it came to although nothing was sent of it, if that is no matter of recipients. */
    private final @Nullable SessionOutcome settled;

    private int sending;
    private int receiving;
    private boolean mailTaken;
    /** Whether the server may know of a transaction: not before anything is sent, nor after the reply to end of data. */
    private boolean open;

    /** Whether any reply to end of data was a refusal. */
    private boolean refused;

    /** Whether a chunk may be out as a whole, before that is known. */
    private boolean maybeWhole;

    private boolean stopped;
    private boolean outOfStep;

    /**
     * A transaction of which nothing is sent.
     *
     * @param reset whether another one is to be left first
     * @param proven whether the connection is known to stand, so that content may be risked with the first octets
     * @throws IOException if the content has to be looked at, and can't be read
     */
    MailTransaction(
            SessionPlan plan, Offer offer, boolean reset, boolean proven, Dialogue dialogue, ContentBlocks blocks)
            throws IOException {
        this.plan = plan;
        this.offer = offer;
        this.dialogue = dialogue;
        this.settled = null;
        this.recipients = new Recipients(plan.envelope(), offer);
        Content content = plan.content();
        Reply refusal = offer.parameters().mailRefusal(plan.envelope(), content, blocks);
        boolean binary = OfferedParameters.isBinary(plan.envelope());
        this.chunk = refusal == null && offer.chunking() && (binary || content.isCanonical(blocks));
        this.allOrNone = content.isAllOrNone() && plan.envelope().recipients().size() > 1;
        this.early = !allOrNone && chunk && proven && offer.pipelining() && content.octets() <= EARLY_OCTETS;
        this.open = reset;
        this.sending = reset ? RSET : MAIL;
        this.receiving = sending;
        if (refusal == null) {
            recipients.askAll();
            this.mail = offer.parameters().mail(plan.envelope(), content, blocks);
        } else {
            recipients.end(DeliveryStatus.FAILED, refusal, DeliveryPhase.MAIL);
        }
    }

    /** One that came to that before anything was sent; it takes its turn all the same. */
    MailTransaction(SessionPlan plan, Offer offer, boolean reset, Dialogue dialogue, SessionOutcome settled) {
        this.plan = plan;
        this.offer = offer;
        this.dialogue = dialogue;
        this.settled = settled;
        this.recipients = new Recipients(plan.envelope(), offer);
        this.chunk = false;
        this.early = false;
        this.allOrNone = false;
        this.open = reset;
    }

    SessionPlan plan() {
        return plan;
    }

    private int data() {
        return recipients.count() + 1;
    }

    private int endOfData() {
        return recipients.count() + 2;
    }

    /** Octets of room that {@link #send} needs to get on; 0 if no command is to be sent before a reply has come. */
    int room() {
        return !stopped && !isDone() && maySend() ? MAX_COMMAND_LINE : 0;
    }

    private boolean maySend() {
        boolean inStep = sending == receiving;
        if (recipients.count() == 0 && sending > MAIL || sending > endOfData()) {
            return false;
        }
        if (sending < data()) {
            return inStep || mayGroup();
        }
        if (sending == data()) {
            return inStep || mayGroup() && !allOrNone && (!chunk || early);
        }
        // The server took a pipelined DATA although it took no recipient: nothing is what it gets. RFC 2920 §3.1.
        return inStep && !chunk && !recipients.isAnyTaken();
    }

    /** Nothing is left to be pipelined once the transaction has been refused. */
    private boolean mayGroup() {
        return offer.pipelining() && (mailTaken || receiving <= MAIL);
    }

    /** Whether the content is to be sent now, by whoever drives this, who then says {@link #contentSent}. */
    boolean isContentDue() {
        return !stopped && isInContent() && (chunk || recipients.isAnyTaken());
    }

    /** Whether the content goes in a chunk, as it is. */
    boolean isChunk() {
        return chunk;
    }

    /** Puts the next command; or nothing, where it can't be put and so goes to none. */
    void send(ByteBuffer out) {
        int from = out.position();
        try {
            put(out);
            if (out.position() - from > MAX_COMMAND_LINE) {
                throw new BufferOverflowException();
            }
        } catch (IllegalArgumentException | BufferOverflowException cantStandOnTheWire) {
            out.position(from);
            if (sending == MAIL) {
                recipients.skipAll(NOT_ENCODABLE);
            } else {
                recipients.skip(sending - 1, NOT_ENCODABLE);
            }
            return;
        }
        sending++;
        dialogue.sent(out, from);
    }

    private void put(ByteBuffer out) {
        if (sending == RSET) {
            CommandEncoder.command(out, Verb.RSET, "");
            open = false;
        } else if (sending == MAIL) {
            OfferedParameters.putMail(out, plan.envelope(), mail);
            open = true;
        } else if (sending < data()) {
            offer.parameters().putRcpt(out, recipients.at(sending - 1));
        } else if (sending == endOfData()) {
            CommandEncoder.line(out, ".");
        } else if (chunk) {
            CommandEncoder.bdat(out, plan.content().octets(), true);
            passOverChunkCommand(sending + 1);
        } else {
            CommandEncoder.command(out, Verb.DATA, "");
        }
    }

    /** There is no reply to BDAT by itself: what comes next is the one to its chunk. */
    private void passOverChunkCommand(int sent) {
        if (chunk && receiving == data() && sent > receiving) {
            receiving++;
        }
    }

    /** The content has been put, with what ends it: from here on the server may have it. */
    void contentSent() {
        dialogue.sentContent(plan.content().octets(), !chunk);
        sending++;
    }

    /** The chunk may be out as a whole, or become so whatever happens; {@link #contentSent} is said when it is. */
    void contentMayBeWhole() {
        maybeWhole = true;
    }

    /** Sends no more, although the server waits for it: the session has to end with this transaction. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    /** Whether the reply is one to something that was sent. */
    boolean isExpectingReply() {
        return receiving < sending;
    }

    /** Whether content is on its way, or to be, and not yet whole. */
    boolean isInContent() {
        return sending == endOfData() && recipients.count() > 0 && (chunk || receiving == sending);
    }

    /**
     * Whether the content is out with what ends it, or may be, so that the server may have the message for the
     * undecided.
     */
    boolean isEndPut() {
        return maybeWhole || isAllSent();
    }

    private boolean isAllSent() {
        return sending > endOfData() && recipients.count() > 0;
    }

    /** Whether nothing is left to send: another transaction may follow. */
    boolean isAllPut() {
        return isAllSent() || isDone();
    }

    /**
     * Takes the reply to the step that is due.
     *
     * @return false if no server should say that here
     */
    boolean receive(ReplyView reply) {
        int step = receiving;
        if (step == endOfData()) {
            return takeEnd(reply);
        }
        receiving++;
        if (step == RSET) {
            return reply.isPositive();
        }
        if (step == data()) {
            return takeData(reply);
        }
        if (reply.isIntermediate()) {
            return false;
        }
        if (step == MAIL) {
            mailTaken = reply.isPositive();
            if (!mailTaken) {
                recipients.decideAll(reply.toReply(), DeliveryPhase.MAIL);
            }
        } else if (mailTaken) {
            if (reply.isPositive()) {
                recipients.take(step - 1);
            } else {
                recipients.refuse(step - 1, reply.toReply());
            }
        }
        withhold();
        passOverChunkCommand(sending);
        return true;
    }

    /** For good, once it is known of each recipient: the server then hears RSET, or QUIT. */
    private void withhold() {
        if (allOrNone && receiving == data() && recipients.isAnyTaken() && recipients.isAnyRefused()) {
            withheld = true;
            recipients.end(DeliveryStatus.NOT_SENT, WITHHELD, DeliveryPhase.RCPT);
        }
    }

    private boolean takeData(ReplyView reply) {
        if (reply.isTransient() || reply.isPermanent()) {
            recipients.decide(reply.toReply(), DeliveryPhase.DATA);
            sending = endOfData() + 1;
            receiving = sending;
            return true;
        }
        // With LMTP nobody would answer to end of data.
        return reply.code() == 354 && (recipients.isAnyTaken() || !offer.lmtp());
    }

    private boolean takeEnd(ReplyView reply) {
        if (reply.isIntermediate()) {
            return false;
        }
        refused |= !reply.isPositive();
        if (offer.lmtp() && recipients.isAnyTaken()) {
            recipients.decideNext(reply.toReply());
            if (!recipients.isEachDecided()) {
                return true;
            }
        } else if (recipients.isAnyUndecided()) {
            recipients.decide(reply.toReply(), DeliveryPhase.END_OF_DATA);
        }
        receiving++;
        // After a refused chunk nobody knows. RFC 3030 §2.
        open = chunk && refused;
        outOfStep = chunk && (reply.code() == 500 || reply.code() == 502);
        return true;
    }

    /** Whether the server turned out not to know BDAT, and so takes content for commands. */
    boolean isOutOfStep() {
        return outOfStep;
    }

    /**
     * Whether the server has to be told by RSET that this is over, before another one: also if that can't be known yet,
     * as the chunk may be refused. After the final dot there is no transaction in any case. RFC 5321 §4.1.1.4.
     */
    boolean leavesOpen() {
        return isDone() ? open : chunk;
    }

    /** Takes the reply of a server that says no more: 421, or a refusal in the middle of content. */
    void decide(Reply reply) {
        if (isEndPut() && offer.lmtp() && recipients.isAnyTaken()) {
            recipients.decideNext(reply);
            recipients.end(DeliveryStatus.UNKNOWN, reply, phase());
        } else if (receiving > MAIL) {
            recipients.decide(reply, phase());
            recipients.end(DeliveryStatus.NOT_SENT, reply, phase());
        } else {
            recipients.decideAll(reply, phase());
        }
    }

    /** Whether the server has said of everybody what decides. */
    boolean isDecided() {
        return settled != null || recipients.isAllDecided();
    }

    /** Whether the reply to end of data is the next. */
    boolean isAwaitingEnd() {
        return isEndPut() && receiving == endOfData();
    }

    /** Ends the transaction for all who are undecided, as this side has to say. */
    void end(DeliveryStatus status, Reply reply) {
        recipients.end(status, reply, phase());
    }

    /** Whether nothing is left to send or to wait for. */
    boolean isDone() {
        if (sending != receiving) {
            return false;
        }
        boolean turnedDown = receiving > MAIL
                && receiving < endOfData()
                && (!mailTaken || receiving == data() && (withheld || !recipients.isAnyTaken()));
        boolean unsent = settled != null || recipients.count() == 0;
        return turnedDown || unsent || receiving > endOfData();
    }

    /** How long to wait in the state that the transaction is in. */
    Duration timeout() {
        SessionTimeouts timeouts = plan.timeouts();
        if (!isExpectingReply()) {
            return timeouts.block();
        }
        return receiving < data() ? timeouts.command() : receiving == data() ? timeouts.data() : timeouts.endOfData();
    }

    /** How far it has come. */
    DeliveryPhase phase() {
        if (receiving <= MAIL) {
            return DeliveryPhase.MAIL;
        }
        if (receiving < data()) {
            return DeliveryPhase.RCPT;
        }
        return receiving == data()
                ? DeliveryPhase.DATA
                : isEndPut() ? DeliveryPhase.END_OF_DATA : DeliveryPhase.CONTENT;
    }

    /** What is waited for, in words. */
    String waitingFor() {
        if (!isExpectingReply() && isInContent()) {
            return "room for content";
        }
        if (receiving == RSET) {
            return "the reply to RSET";
        }
        String step =
                receiving == MAIL ? "MAIL" : receiving < data() ? "RCPT" : receiving == data() ? "DATA" : "end of data";
        return "the reply to " + step;
    }

    /** What it came to, once {@link #isDone()} or ended otherwise. */
    SessionOutcome outcome() {
        return settled != null ? settled : recipients.outcome();
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Purpose;
import dev.ehlo.smtp.tls.TlsMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session as RFC 5321 §4.1.4 and the RFCs of the extensions tell it, with the state spelt out: which replies there are
 * to what is said, what the handler is asked meanwhile, and what it answers then.
 */
final class SessionModel {
    static final int MAX_RECIPIENTS = 3;

    private enum Awaiting {
        COMMAND,
        SASL_PLAIN,
        SASL_USER,
        SASL_PASSWORD
    }

    /** What the handler and its sinks are asked, in order. */
    final List<String> log = new ArrayList<>();
    /** What they are to answer. */
    final Deque<Turn.Act> script = new ArrayDeque<>();
    /** What the driver is told of that went wrong. */
    int mishaps;

    boolean closed;
    /** Content is next. */
    boolean open;
    /** What is said is not read as a command. */
    private Awaiting awaiting = Awaiting.COMMAND;

    private final boolean submission;
    private final boolean lmtp;
    private final boolean offersStartTls;
    private final boolean honours;
    private boolean tls;
    /** The greeting was a refusal. */
    private boolean refused;
    /** A command has come already. */
    private boolean begun;

    private boolean hello;
    private boolean esmtp;
    private boolean loggedIn;
    private String saslUser = "";

    // The transaction

    private @Nullable Say mail;
    private final List<Say> recipients = new ArrayList<>();
    private boolean recipientRefused;
    /** There is a sink, and it was not ended. */
    private boolean sink;
    /** The sink was aborted, and what comes still comes for nothing. */
    private boolean broken;

    private boolean chunked;
    private final StringBuilder content = new StringBuilder();

    /** @param honours whether the handler honours the extensions that depend on it */
    SessionModel(Profile profile, boolean honours) {
        this.submission = profile.purpose() == Purpose.SUBMISSION;
        this.lmtp = profile.purpose() == Purpose.DELIVERY;
        this.offersStartTls = profile.tls() == TlsMode.STARTTLS;
        this.tls = profile.tls() == TlsMode.IMPLICIT;
        this.honours = honours;
    }

    List<Integer> greeting(Turn.Act act) {
        int code = ask("CONNECTED", act, 220);
        if (code == 451) {
            close();
            return List.of(421);
        }
        refused = code != 220;
        return List.of(code);
    }

    /** Whether the model knows what is answered to it now. */
    boolean takes(Say say) {
        return awaiting == Awaiting.COMMAND || say.isForSasl();
    }

    /** Whether more may be sent behind the end of content. RFC 2920 §3.1. */
    boolean mayPipeline() {
        return submission || esmtp;
    }

    List<Integer> replies(Turn turn) {
        Say say = turn.say();
        if (awaiting != Awaiting.COMMAND) {
            return List.of(sasl(say));
        }
        if (!begun && say == Say.SASL_CANCEL) {
            // No command begins so.
            close();
            return List.of();
        }
        begun = true;
        boolean needsTls = submission && !tls;
        if (say.isChunk()) {
            return chunk(turn, needsTls);
        }
        return List.of(
                needsTls && !say.isForClear()
                        ? say.isAuth() ? 538 : 530
                        : say.malformed != 0 ? say.malformed : command(turn));
    }

    private int command(Turn turn) {
        Say say = turn.say();
        if (say == Say.QUIT) {
            close();
            return 221;
        }
        if (refused) {
            return 503;
        }
        if (say.isMail()) {
            return mail(turn);
        }
        if (say.isRecipient()) {
            return recipient(turn);
        }
        if (say.isAuth()) {
            return auth(say);
        }
        switch (say) {
            case EHLO, HELO, LHLO:
                return hello(turn);
            case DATA:
                return data(turn);
            case RSET:
                forget();
                return 250;
            case NOOP:
                return 250;
            case VRFY, VRFY_UTF8:
                return 252;
            case HELP:
                return 214;
            case EXPN:
                return 502;
            case STARTTLS:
                return startTls();
            default:
                return 500;
        }
    }

    private int hello(Turn turn) {
        if (lmtp != (turn.say() == Say.LHLO)) {
            return lmtp ? 500 : 502;
        }
        boolean extended = turn.say() != Say.HELO;
        int code = ask("HELLO client.example" + (extended ? " extended" : ""), turn.act(), 250);
        if (code == 250) {
            hello = true;
            esmtp = extended;
            forget();
        }
        return code;
    }

    private int startTls() {
        if (tls || !offersStartTls) {
            return tls ? 503 : 502;
        }
        forget();
        tls = true;
        hello = false;
        esmtp = false;
        begun = false;
        return 220;
    }

    private int mail(Turn turn) {
        Say say = turn.say();
        if (!hello || mail != null) {
            return 503;
        }
        if (submission && !loggedIn) {
            return 530;
        }
        int refusal = parameterRefusal(say);
        if (refusal != 0) {
            return refusal;
        }
        if (submission && say == Say.MAIL_OF_ANOTHER) {
            return 553;
        }
        int code = ask("MAIL " + say.path() + ' ' + kept(say), turn.act(), 250);
        if (code == 250) {
            mail = say;
        }
        return code;
    }

    private int parameterRefusal(Say say) {
        if (say.parameter().isEmpty()) {
            return 0;
        }
        boolean offered = esmtp
                && switch (say) {
                    case MAIL_RET -> honours;
                    case MAIL_AUTH -> submission;
                    case MAIL_REQUIRETLS -> honours && tls;
                    case MAIL_HOLDFOR, MAIL_BY, MAIL_PRIORITY -> honours && submission;
                    default -> true;
                };
        if (!offered) {
            return 555;
        }
        return say == Say.MAIL_HUGE ? 552 : say == Say.MAIL_BINARY && !honours ? 501 : 0;
    }

    /** AUTH= is nobody's to say. */
    private static String kept(Say mail) {
        return mail == Say.MAIL_AUTH ? "" : mail.parameter();
    }

    private int recipient(Turn turn) {
        Say say = turn.say();
        if (mail == null || chunked) {
            return 503;
        }
        int code;
        if (recipients.size() == MAX_RECIPIENTS) {
            code = 452;
        } else if (say == Say.RCPT_UTF8 && mail != Say.MAIL_UTF8) {
            code = 553;
        } else if (!say.parameter().isEmpty() && !(esmtp && honours)) {
            code = 555;
        } else if (!submission && !lmtp && (say == Say.RCPT_ELSEWHERE || say == Say.RCPT_ROUTED)) {
            code = 550;
        } else {
            code = ask("RCPT " + say.path() + ' ' + say.parameter(), turn.act(), 250);
        }
        if (code == 250) {
            recipients.add(say);
        } else {
            recipientRefused = true;
        }
        return code;
    }

    private int auth(Say say) {
        if (!hello || mail != null) {
            return 503;
        }
        if (!submission) {
            return 502;
        }
        if (loggedIn) {
            return 503;
        }
        switch (say) {
            case AUTH_PLAIN:
                awaiting = Awaiting.SASL_PLAIN;
                return 334;
            case AUTH_LOGIN:
                awaiting = Awaiting.SASL_USER;
                return 334;
            case AUTH_RIGHT:
                loggedIn = true;
                return 235;
            case AUTH_WRONG:
                return 535;
            case AUTH_BROKEN:
                mishaps++;
                return 454;
            default:
                return 504;
        }
    }

    private int sasl(Say say) {
        Awaiting step = awaiting;
        awaiting = Awaiting.COMMAND;
        if (step == Awaiting.SASL_PLAIN) {
            loggedIn = say == Say.SASL_RIGHT;
            return loggedIn ? 235 : 501;
        }
        if (say != Say.SASL_USER && say != Say.SASL_SECRET) {
            return 501;
        }
        if (step == Awaiting.SASL_USER) {
            saslUser = say == Say.SASL_USER ? "alice" : "secret";
            awaiting = Awaiting.SASL_PASSWORD;
            return 334;
        }
        loggedIn = saslUser.equals("alice") && say == Say.SASL_SECRET;
        return loggedIn ? 235 : 535;
    }

    private int data(Turn turn) {
        if (!hello || mail == null || chunked) {
            return 503;
        }
        if (recipients.isEmpty()) {
            return recipientRefused && !lmtp ? 554 : 503;
        }
        if (mail == Say.MAIL_BINARY) {
            return 503;
        }
        int code = openSink(turn);
        open = code == 354;
        return code;
    }

    private int openSink(Turn turn) {
        StringBuilder question = new StringBuilder("DATA " + mail().path() + ' ' + kept(mail()));
        recipients.forEach(each -> question.append(' ').append(each.path()));
        if (turn.act().answer() == Turn.Answer.BREAKS) {
            log.add(question.toString());
            script.add(turn.act());
            mishaps++;
            log.add("ABORT");
            broken = true;
            return 354;
        }
        int code = ask(question.toString(), turn.act(), 354);
        sink = code == 354;
        return code;
    }

    private Say mail() {
        if (mail == null) {
            throw new AssertionError("no transaction");
        }
        return mail;
    }

    /** What is answered to the content after 354. */
    List<Integer> content(Turn turn) {
        open = false;
        if (turn.content() == Turn.Content.BARE && !submission) {
            return refuseContent(550);
        }
        content.append(turn.content().taken().replace("\r\n", "\n").replace("\n", "\r\n"));
        return complete(turn);
    }

    private List<Integer> refuseContent(int code) {
        int refusal = broken ? 451 : code;
        int replies = recipientReplies();
        forget();
        return Collections.nCopies(replies, refusal);
    }

    private int recipientReplies() {
        return lmtp ? recipients.size() : 1;
    }

    private List<Integer> complete(Turn turn) {
        if (broken) {
            return refuseContent(451);
        }
        boolean from = content.indexOf("From: ") == 0;
        if (submission && (from || mail == Say.MAIL_NULL)) {
            return refuseContent(550);
        }
        boolean header = content.length() == 0 || content.indexOf("\r\n") == 0 || content.indexOf("Subject: ") == 0;
        String whole = submission && !header ? "\r\n" + content : content.toString();
        int replies = recipientReplies();
        sink = false;
        forget();
        return Collections.nCopies(replies, ask("COMPLETE " + whole, turn.end(), 250));
    }

    private List<Integer> chunk(Turn turn, boolean needsTls) {
        Say say = turn.say();
        int refusal = needsTls ? 530 : say.malformed != 0 ? say.malformed : chunkRefusal();
        if (say == Say.BDAT_SIZELESS) {
            close();
            return List.of(refusal);
        }
        if (refusal != 0) {
            return List.of(refusal);
        }
        boolean last = say.isLastChunk();
        if (!chunked) {
            int code = openSink(turn);
            if (code != 354) {
                int replies = last && !closed ? recipientReplies() : 1;
                forget();
                return Collections.nCopies(replies, code);
            }
            chunked = true;
        }
        boolean binary = mail == Say.MAIL_BINARY;
        boolean bare = say.isBare() && !binary && !submission;
        if (!last && (bare || broken)) {
            int code = broken ? 451 : 550;
            forget();
            return List.of(code);
        }
        if (bare) {
            return refuseContent(550);
        }
        String octets = say.chunk();
        content.append(say.isBare() && !binary ? "a\r\nb\r\n" : octets);
        return last ? complete(turn) : List.of(250);
    }

    /** RFC 3030 §2. */
    private int chunkRefusal() {
        if (refused || hello && !esmtp) {
            return 502;
        }
        if (mail == null) {
            return 503;
        }
        return !recipients.isEmpty() ? 0 : recipientRefused && !lmtp ? 554 : 503;
    }

    /** Asks the handler, who answers as the act says; 451 stands for what is no answer. */
    private int ask(String question, Turn.Act act, int yes) {
        log.add(question);
        script.add(act);
        boolean refusable = question.startsWith("DATA ");
        switch (act.answer()) {
            case YES:
                return yes;
            case NO:
                logAbort(refusable);
                return 550;
            case ENDS:
                logAbort(refusable);
                close();
                return 421;
            case INTERMEDIATE:
                logAbort(refusable);
                mishaps++;
                return 451;
            default:
                mishaps++;
                return 451;
        }
    }

    /** A sink that was opened and refuses is let go. */
    private void logAbort(boolean opened) {
        if (opened) {
            log.add("ABORT");
        }
    }

    private void close() {
        closed = true;
        forget();
    }

    private void forget() {
        if (sink) {
            log.add("ABORT");
        }
        sink = false;
        broken = false;
        mail = null;
        recipients.clear();
        recipientRefused = false;
        chunked = false;
        content.setLength(0);
    }

    /** The connection is gone. */
    void lost() {
        close();
    }
}

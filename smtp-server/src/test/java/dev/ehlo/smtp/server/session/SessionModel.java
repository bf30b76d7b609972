package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Purpose;
import dev.ehlo.smtp.tls.TlsMode;
import java.util.List;

/**
 * A session as RFC 5321 §4.1.4 and the RFCs of the extensions tell it, with the state spelt out: which replies there are
 * to what is said, what the handler is asked meanwhile, and what it answers then.
 */
final class SessionModel {
    static final int MAX_RECIPIENTS = 3;

    final ExpectedCalls calls = new ExpectedCalls();
    final LoginModel login = new LoginModel(calls);
    private final TransactionModel transaction = new TransactionModel(this, calls);

    boolean closed;
    /** Content is next. */
    boolean open;

    final boolean submission;
    final boolean lmtp;
    final boolean honours;
    private final boolean offersStartTls;
    boolean tls;
    /** The greeting was a refusal. */
    boolean refused;
    /** A command has come already. */
    private boolean begun;

    boolean hello;
    boolean esmtp;

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
        return login.isUnderWay() ? say.isForSasl() : say != Say.SASL_NOTHING;
    }

    /** Whether more may be sent behind the end of content. RFC 2920 §3.1. */
    boolean mayPipeline() {
        return submission || esmtp;
    }

    List<Integer> replies(Turn turn) {
        Say say = turn.say();
        if (login.isUnderWay()) {
            return List.of(login.line(say));
        }
        if (!begun && say == Say.SASL_CANCEL) {
            // No command begins so.
            close();
            return List.of();
        }
        begun = true;
        boolean needsTls = submission && !tls;
        if (say.isChunk()) {
            return transaction.chunk(turn, needsTls);
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
            return transaction.mail(turn);
        }
        if (say.isRecipient()) {
            return transaction.recipient(turn);
        }
        if (say.isAuth()) {
            if (!hello || transaction.isBegun()) {
                return 503;
            }
            return submission ? login.begin(say) : 502;
        }
        switch (say) {
            case EHLO, HELO, LHLO:
                return hello(turn);
            case DATA:
                return transaction.data(turn);
            case RSET:
                transaction.forget();
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
            transaction.forget();
        }
        return code;
    }

    private int startTls() {
        if (tls || !offersStartTls) {
            return tls ? 503 : 502;
        }
        transaction.forget();
        tls = true;
        hello = false;
        esmtp = false;
        begun = false;
        return 220;
    }

    /** What is answered to the content after 354. */
    List<Integer> content(Turn turn) {
        open = false;
        return transaction.content(turn);
    }

    /** Asks the handler; where it wants the session to end, it does. */
    int ask(String question, Turn.Act act, int yes) {
        int code = calls.ask(question, act, yes);
        if (code == 421) {
            close();
        }
        return code;
    }

    /** The session is over, or the connection gone. */
    void close() {
        closed = true;
        transaction.forget();
    }
}

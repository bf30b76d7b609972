package dev.ehlo.smtp.server.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A mail transaction as RFC 5321 §3.3, RFC 3030 §2 and RFC 2033 §4.2 have it, in the session that it is part of. */
final class TransactionModel {
    private final SessionModel session;
    private final ExpectedCalls calls;
    private @Nullable Say mail;
    private final List<Say> recipients = new ArrayList<>();
    private boolean recipientRefused;
    /** There is a sink, and it was not ended. */
    private boolean sink;
    /** The sink was aborted, and what comes still comes for nothing. */
    private boolean broken;

    private boolean chunked;
    private final StringBuilder content = new StringBuilder();

    TransactionModel(SessionModel session, ExpectedCalls calls) {
        this.session = session;
        this.calls = calls;
    }

    boolean isBegun() {
        return mail != null;
    }

    int mail(Turn turn) {
        Say say = turn.say();
        if (!session.hello || mail != null) {
            return 503;
        }
        if (session.submission && !session.login.loggedIn) {
            return 530;
        }
        int refusal = parameterRefusal(say);
        if (refusal != 0) {
            return refusal;
        }
        if (session.submission && say == Say.MAIL_OF_ANOTHER) {
            return 553;
        }
        int code = session.ask("MAIL " + say.path() + ' ' + kept(say), turn.act(), 250);
        if (code == 250) {
            mail = say;
        }
        return code;
    }

    private int parameterRefusal(Say say) {
        if (say.parameter().isEmpty()) {
            return 0;
        }
        boolean offered = session.esmtp
                && switch (say) {
                    case MAIL_RET -> session.honours;
                    case MAIL_AUTH, MAIL_AUTH_OF_ANOTHER -> session.submission;
                    case MAIL_REQUIRETLS -> session.honours && session.tls;
                    case MAIL_HOLDFOR, MAIL_BY, MAIL_PRIORITY -> session.honours && session.submission;
                    default -> true;
                };
        if (!offered) {
            return 555;
        }
        return say == Say.MAIL_HUGE ? 552 : say == Say.MAIL_BINARY && !session.honours ? 501 : 0;
    }

    /** AUTH= is nobody's to say. */
    private static String kept(Say mail) {
        return mail.parameter().startsWith("AUTH=") ? "AUTH=<>" : mail.parameter();
    }

    int recipient(Turn turn) {
        Say say = turn.say();
        if (mail == null || chunked) {
            return 503;
        }
        int code;
        if (recipients.size() == SessionModel.MAX_RECIPIENTS) {
            code = 452;
        } else if (say == Say.RCPT_UTF8 && mail != Say.MAIL_UTF8) {
            code = 553;
        } else if (!say.parameter().isEmpty() && !(session.esmtp && session.honours)) {
            code = 555;
        } else if (!session.submission && !session.lmtp && (say == Say.RCPT_ELSEWHERE || say == Say.RCPT_ROUTED)) {
            code = 550;
        } else {
            code = session.ask("RCPT " + say.path() + ' ' + say.parameter(), turn.act(), 250);
        }
        if (code == 250) {
            recipients.add(say);
        } else {
            recipientRefused = true;
        }
        return code;
    }

    int data(Turn turn) {
        if (!session.hello || mail == null || chunked) {
            return 503;
        }
        if (recipients.isEmpty()) {
            return recipientRefused && !session.lmtp ? 554 : 503;
        }
        if (mail == Say.MAIL_BINARY) {
            return 503;
        }
        int code = openSink(turn);
        session.open = code == 354;
        return code;
    }

    private int openSink(Turn turn) {
        StringBuilder question = new StringBuilder("DATA " + mail().path() + ' ' + kept(mail()));
        recipients.forEach(each -> question.append(' ').append(each.path()));
        if (turn.act().answer() == Turn.Answer.BREAKS) {
            calls.askForBrokenSink(question.toString(), turn.act());
            broken = true;
            return 354;
        }
        int code = session.ask(question.toString(), turn.act(), 354);
        sink = code == 354;
        return code;
    }

    private Say mail() {
        if (mail == null) {
            throw new AssertionError("no transaction");
        }
        return mail;
    }

    List<Integer> content(Turn turn) {
        if (turn.content() == Turn.Content.BARE && !session.submission) {
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
        return session.lmtp ? recipients.size() : 1;
    }

    private List<Integer> complete(Turn turn) {
        if (broken) {
            return refuseContent(451);
        }
        boolean from = content.indexOf("From: ") == 0;
        if (session.submission && (from || mail == Say.MAIL_NULL)) {
            return refuseContent(550);
        }
        boolean header = content.length() == 0 || content.indexOf("\r\n") == 0 || content.indexOf("Subject: ") == 0;
        String whole = session.submission && !header ? "\r\n" + content : content.toString();
        int replies = recipientReplies();
        sink = false;
        forget();
        return Collections.nCopies(replies, session.ask("COMPLETE " + whole, turn.end(), 250));
    }

    List<Integer> chunk(Turn turn, boolean needsTls) {
        Say say = turn.say();
        int refusal = needsTls ? 530 : say.malformed != 0 ? say.malformed : chunkRefusal();
        if (say == Say.BDAT_SIZELESS) {
            session.close();
            return List.of(refusal);
        }
        if (refusal != 0) {
            return List.of(refusal);
        }
        boolean last = say.isLastChunk();
        if (!chunked) {
            int code = openSink(turn);
            if (code != 354) {
                int replies = last && !session.closed ? recipientReplies() : 1;
                forget();
                return Collections.nCopies(replies, code);
            }
            chunked = true;
        }
        boolean binary = mail == Say.MAIL_BINARY;
        boolean bare = say.isBare() && !binary && !session.submission;
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
        if (session.refused || session.hello && !session.esmtp) {
            return 502;
        }
        if (mail == null) {
            return 503;
        }
        return !recipients.isEmpty() ? 0 : recipientRefused && !session.lmtp ? 554 : 503;
    }

    void forget() {
        if (sink) {
            calls.log.add("ABORT");
        }
        sink = false;
        broken = false;
        mail = null;
        recipients.clear();
        recipientRefused = false;
        chunked = false;
        content.setLength(0);
    }
}

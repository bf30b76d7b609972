package dev.ehlo.smtp.mta.check;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * Finds out what is behind a door. Blocks; used by one thread for one door.
 *
 * <pre>
 *     in clear:   greeting → EHLO → STARTTLS → handshake → EHLO → RCPT
 *                 nothing  → handshake on another connection: TLS from the first octet, or a late greeting, or silence
 *     else:       handshake → greeting → EHLO → RCPT
 *                 none      → once more in clear, where a greeting may come
 * </pre>
 */
final class Knock {
    private static final int READY = 220;
    /** What the JDK says where no TLS record comes. */
    private static final String NO_TLS = "Unsupported or unrecognized SSL message";

    private final Door door;
    private final CheckSettings settings;
    private final CertificateJudge judge;
    private final ScheduledExecutorService clock;

    Knock(Door door, CheckSettings settings, CertificateJudge judge, ScheduledExecutorService clock) {
        this.door = door;
        this.settings = settings;
        this.judge = judge;
        this.clock = clock;
    }

    PortFacts find() {
        try (Talk talk = open()) {
            boolean isTlsFirst = door.role() == Role.SUBMISSIONS || door.role() == Role.OTHER;
            return isTlsFirst ? underTls(talk) : inClear(talk);
        } catch (IOException e) {
            return door.unspoken(unreached(e), message(e));
        }
    }

    private Talk open() throws IOException {
        return new Talk(
                door.address(), door.port(), Math.toIntExact(settings.timeout().toMillis()), clock);
    }

    /** Why no connection came to stand. */
    static Reach unreached(IOException error) {
        String message = String.valueOf(error.getMessage());
        if (error instanceof SocketTimeoutException || message.contains("timed out")) {
            return Reach.FILTERED;
        } else if (error instanceof NoRouteToHostException) {
            return Reach.UNREACHABLE;
        } else if (error instanceof BindException
                || Stream.of("unreachable", "not supported", "Protocol family", "assign requested address")
                        .anyMatch(message::contains)) {
            return Reach.NO_ROUTE; // as of IPv6 on a machine without it
        }
        return error instanceof ConnectException ? Reach.REFUSED : Reach.UNREACHABLE;
    }

    private PortFacts inClear(Talk talk) {
        Talk.Answer greeting;
        try {
            greeting = talk.answer();
        } catch (SocketTimeoutException e) {
            return perhapsTls(talk);
        } catch (IOException e) {
            return door.unspoken(Reach.CLOSED, message(e));
        }
        return greeting.code() == READY ? greeted(talk, greeting) : strange(greeting);
    }

    private PortFacts strange(Talk.Answer greeting) {
        return door.unspoken(greeting.code() == 0 ? Reach.NOT_SMTP : Reach.TURNED_AWAY, greeting.text());
    }

    /** It waits for the other side to speak, as servers of TLS do, and others that are none of SMTP; or it is slow. */
    private PortFacts perhapsTls(Talk first) {
        try (Talk other = open()) {
            return behindTls(other, other.turnToTls(door.serverName()).getSession());
        } catch (IOException e) {
            return late(first, e);
        }
    }

    private PortFacts late(Talk first, IOException failure) {
        try {
            Talk.Answer greeting = first.late();
            return greeting.code() == READY ? greeted(first, greeting) : strange(greeting);
        } catch (IOException e) {
            return mute(failure);
        }
    }

    /** Neither a greeting nor TLS. */
    private PortFacts mute(IOException failure) {
        if (message(failure).contains(NO_TLS)) {
            return door.unspoken(Reach.NOT_SMTP, "no greeting in time (--timeout), and no TLS to a handshake");
        } else if (failure instanceof SSLException && !isEnd(failure) && !isTimeout(failure)) {
            return facts("", TlsFacts.none(TlsState.FAILED, message(failure)), List.of(), List.of(), Optional.empty());
        }
        return door.unspoken(Reach.SILENT, message(failure));
    }

    private PortFacts underTls(Talk talk) {
        SSLSession session;
        try {
            session = talk.turnToTls(door.serverName()).getSession();
        } catch (IOException e) {
            return withoutTls(e);
        }
        return behindTls(talk, session);
    }

    private PortFacts withoutTls(IOException failure) {
        try (Talk again = open()) {
            Talk.Answer greeting = again.answer();
            return greeting.code() == READY ? greeted(again, greeting) : strange(greeting);
        } catch (SocketTimeoutException e) {
            return mute(failure);
        } catch (IOException e) {
            return isEnd(failure) ? door.unspoken(Reach.CLOSED, message(failure)) : mute(failure);
        }
    }

    private PortFacts behindTls(Talk talk, SSLSession session) {
        Talk.Answer greeting;
        try {
            greeting = talk.answer();
        } catch (SocketTimeoutException e) {
            return door.unspoken(Reach.SILENT, "TLS, and no greeting in it");
        } catch (IOException e) {
            return door.unspoken(Reach.CLOSED, message(e));
        }
        if (greeting.code() != READY) {
            return strange(greeting);
        }
        TlsFacts tls = secured(TlsState.IMPLICIT, session);
        return inside(talk, greeting, tls, List.of());
    }

    private PortFacts greeted(Talk talk, Talk.Answer greeting) {
        List<String> offers;
        try {
            Talk.Answer hello = hello(talk);
            if (hello.code() != 250) {
                return door.unspoken(Reach.TURNED_AWAY, hello.text());
            }
            offers = offers(hello);
        } catch (IOException e) {
            return door.unspoken(Reach.TURNED_AWAY, "no answer to EHLO: " + message(e));
        }
        if (offers.stream().noneMatch("STARTTLS"::equalsIgnoreCase)) {
            return asked(talk, greeting, TlsFacts.none(TlsState.NOT_OFFERED, ""), offers, List.of());
        }
        try {
            Talk.Answer go = talk.ask("STARTTLS");
            return go.code() == READY
                    ? startTls(talk, greeting, offers)
                    : asked(talk, greeting, TlsFacts.none(TlsState.REFUSED, go.text()), offers, List.of());
        } catch (IOException e) {
            TlsFacts failed = TlsFacts.none(TlsState.FAILED, "no answer to STARTTLS: " + message(e));
            return facts(greeting.text(), failed, offers, List.of(), Optional.empty());
        }
    }

    /** In the way of old, where the server knows no other, or has taken offence at the name. RFC 5321 §3.2. */
    private static Talk.Answer hello(Talk talk) throws IOException {
        Talk.Answer hello = talk.ask("EHLO " + talk.ownName());
        return hello.code() / 100 == 5 ? talk.ask("HELO " + talk.ownName()) : hello;
    }

    /** Asks about the recipient, if that is wanted, and leaves. */
    private PortFacts asked(Talk talk, Talk.Answer greeting, TlsFacts tls, List<String> inClear, List<String> inTls) {
        PortFacts found = facts(greeting.text(), tls, inClear, inTls, recipient(talk));
        talk.leave();
        return found;
    }

    private PortFacts startTls(Talk talk, Talk.Answer greeting, List<String> offers) {
        try {
            SSLSession session = talk.turnToTls(door.serverName()).getSession();
            return inside(talk, greeting, secured(TlsState.STARTTLS, session), offers);
        } catch (IOException e) {
            TlsFacts failed = TlsFacts.none(TlsState.FAILED, message(e));
            return facts(greeting.text(), failed, offers, List.of(), Optional.empty());
        }
    }

    private TlsFacts secured(TlsState state, SSLSession session) {
        return new TlsFacts(
                state,
                "",
                session.getProtocol(),
                session.getCipherSuite(),
                judge.of(session, door.host(), door.tlsa()));
    }

    private PortFacts inside(Talk talk, Talk.Answer greeting, TlsFacts tls, List<String> inClear) {
        try {
            Talk.Answer hello = hello(talk);
            return hello.code() == 250
                    ? asked(talk, greeting, tls, inClear, offers(hello))
                    : door.unspoken(Reach.TURNED_AWAY, hello.text());
        } catch (IOException e) {
            return door.unspoken(Reach.TURNED_AWAY, "no answer to EHLO under TLS: " + message(e));
        }
    }

    private PortFacts facts(
            String said, TlsFacts tls, List<String> inClear, List<String> inTls, Optional<RecipientFacts> recipient) {
        return new PortFacts(
                door.address(),
                door.role(),
                door.port(),
                Reach.OPEN,
                said,
                tls,
                inClear,
                inTls,
                Optional.empty(),
                recipient);
    }

    /** Each line but the first is an offer. RFC 5321 §4.1.1.1. */
    private static List<String> offers(Talk.Answer hello) {
        return hello.lines().stream()
                .skip(1)
                .map(line -> line.substring(Math.min(line.length(), 4)).strip())
                .toList();
    }

    /** Asks whether it would take mail for somebody, and takes the question back: no message is ever sent. */
    private Optional<RecipientFacts> recipient(Talk talk) {
        String recipient = settings.recipient();
        if (recipient.isEmpty() || door.role().isForUsers()) {
            return Optional.empty();
        }
        boolean isOfSender = true;
        Talk.Answer answer;
        try {
            answer = talk.ask("MAIL FROM:<" + settings.from() + '>');
            if (answer.code() / 100 == 2) {
                isOfSender = false;
                answer = talk.ask("RCPT TO:<" + recipient + '>');
            }
        } catch (IOException e) {
            String asked = isOfSender ? "MAIL" : "RCPT";
            return Optional.of(
                    new RecipientFacts(recipient, isOfSender, 0, "no answer to " + asked + ": " + message(e)));
        }
        talk.takeBack();
        return Optional.of(new RecipientFacts(recipient, isOfSender, answer.code(), answer.text()));
    }

    /** Whether the peer said nothing. */
    private static boolean isTimeout(IOException error) {
        return error instanceof SocketTimeoutException || error.getCause() instanceof SocketTimeoutException;
    }

    /** Whether the peer just hung up. */
    private static boolean isEnd(IOException error) {
        return error instanceof EOFException
                || error.getCause() instanceof EOFException
                || error instanceof SocketException
                || error.getCause() instanceof SocketException;
    }

    private static String message(IOException error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }
}

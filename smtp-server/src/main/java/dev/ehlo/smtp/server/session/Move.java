package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.Verb;

/**
 * What a command leads to, by the state it comes in: the one table of RFC 5321 §4.1.4. Guards that are about the
 * profile (TLS, AUTH, limits) come with the move itself, in {@link ServerSession}.
 */
@SuppressWarnings("EnumOrdinal") // the columns of the table are the states in their order
enum Move {
    HELLO,
    MAIL,
    RCPT,
    DATA,
    CHUNK,
    RESET,
    NOOP,
    HELP,
    VERIFY,
    STARTTLS,
    AUTH,
    XCLIENT,
    QUIT,
    HELLO_FIRST,
    BAD_SEQUENCE,
    NESTED_MAIL,
    NO_RECIPIENT,
    NOT_IMPLEMENTED,
    UNKNOWN;

    private static final Move[][] TABLE = new Move[Verb.values().length][];

    static {
        for (Verb verb : Verb.values()) {
            row(
                    verb,
                    BAD_SEQUENCE,
                    NOT_IMPLEMENTED,
                    NOT_IMPLEMENTED,
                    NOT_IMPLEMENTED,
                    NOT_IMPLEMENTED,
                    NOT_IMPLEMENTED);
        }
        // ---------------- REFUSED --- GREETED ---- READY -------- MAIL --------- RCPT --------- CHUNKED
        row(Verb.EHLO, BAD_SEQUENCE, HELLO, HELLO, HELLO, HELLO, HELLO);
        row(Verb.HELO, BAD_SEQUENCE, HELLO, HELLO, HELLO, HELLO, HELLO);
        row(Verb.MAIL, BAD_SEQUENCE, HELLO_FIRST, MAIL, NESTED_MAIL, NESTED_MAIL, NESTED_MAIL);
        row(Verb.RCPT, BAD_SEQUENCE, HELLO_FIRST, BAD_SEQUENCE, RCPT, RCPT, BAD_SEQUENCE);
        row(Verb.DATA, BAD_SEQUENCE, HELLO_FIRST, BAD_SEQUENCE, NO_RECIPIENT, DATA, BAD_SEQUENCE);
        row(Verb.BDAT, BAD_SEQUENCE, HELLO_FIRST, BAD_SEQUENCE, NO_RECIPIENT, CHUNK, CHUNK);
        row(Verb.RSET, BAD_SEQUENCE, RESET, RESET, RESET, RESET, RESET);
        row(Verb.NOOP, BAD_SEQUENCE, NOOP, NOOP, NOOP, NOOP, NOOP);
        row(Verb.QUIT, QUIT, QUIT, QUIT, QUIT, QUIT, QUIT);
        row(Verb.VRFY, BAD_SEQUENCE, VERIFY, VERIFY, VERIFY, VERIFY, VERIFY);
        row(Verb.HELP, BAD_SEQUENCE, HELP, HELP, HELP, HELP, HELP);
        row(Verb.STARTTLS, BAD_SEQUENCE, STARTTLS, STARTTLS, STARTTLS, STARTTLS, STARTTLS);
        row(Verb.AUTH, BAD_SEQUENCE, HELLO_FIRST, AUTH, BAD_SEQUENCE, BAD_SEQUENCE, BAD_SEQUENCE);
        row(Verb.XCLIENT, BAD_SEQUENCE, XCLIENT, XCLIENT, XCLIENT, XCLIENT, XCLIENT);
        row(Verb.UNKNOWN, BAD_SEQUENCE, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    }

    private static void row(Verb verb, Move refused, Move greeted, Move ready, Move mail, Move rcpt, Move chunked) {
        TABLE[verb.ordinal()] = new Move[] {refused, greeted, ready, mail, rcpt, chunked};
    }

    static Move of(State state, Verb verb) {
        return TABLE[verb.ordinal()][state.ordinal()];
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.codec.SaslPlain;

/**
 * Credentials for AUTH PLAIN, checked before anything is written. RFC 4954 §4, RFC 4616.
 *
 * @param user the login
 * @param secret the password
 * @param inClear whether they may be sent without TLS
 */
record Login(String user, String secret, boolean inClear) {
    /** Octets of a command line, with an initial response or without. RFC 5321 §4.5.3.1.4, RFC 4954 §4. */
    static final int MAX_COMMAND_LINE = 512;

    private static final String COMMAND = "AUTH PLAIN";

    Login {
        if (hasLineEnd(user) || hasLineEnd(secret)) {
            throw new IllegalArgumentException("CR, LF or NUL in credentials");
        }
        if (new SaslPlain("", user, secret).encode().length > SaslLine.MAX_MESSAGE) {
            throw new IllegalArgumentException("credentials too long");
        }
    }

    /** The AUTH command, with the initial response if the line has room for it. */
    String command() {
        String withResponse = COMMAND + ' ' + response();
        return withResponse.length() + 2 <= MAX_COMMAND_LINE ? withResponse : COMMAND;
    }

    /** What is sent to 334. */
    String response() {
        return SaslLine.encode(new SaslPlain("", user, secret).encode());
    }

    private static boolean hasLineEnd(String text) {
        return text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0 || text.indexOf(0) >= 0;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "Login[user=" + user + ']';
    }
}

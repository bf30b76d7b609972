package dev.ehlo.smtp.server.session;

/** What one step of a session came to, and so what its driver does next. */
public enum Step {
    /** Something was done; there may be more to do with what has come already. */
    AGAIN,
    /** Nothing can be done before more octets come. */
    NEED_INPUT,
    /** {@link ServerSession#question()} has to be answered first. */
    ASK,
    /** Another client is served from now on, in {@link ServerSession#successor()}. */
    NEW_CLIENT,
    /** Send what was put, and turn to TLS with a new session. */
    START_TLS,
    /** Send what was put, and close. */
    CLOSE
}

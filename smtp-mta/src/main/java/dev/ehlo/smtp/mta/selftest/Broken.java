package dev.ehlo.smtp.mta.selftest;

/** An attack has come through; the message is what was seen, which may hold whatever the server said. */
final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1;

    Broken(String seen) {
        super(seen);
    }
}

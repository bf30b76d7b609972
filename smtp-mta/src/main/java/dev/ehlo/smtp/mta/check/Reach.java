package dev.ehlo.smtp.mta.check;

/** How far one comes at a port. */
public enum Reach {
    /** SMTP is spoken there. */
    OPEN("open"),
    /** The connection is refused. */
    REFUSED("refused"),
    /** Nothing answers: packets are dropped. */
    FILTERED("filtered"),
    /** Somebody on the way says that one does not get there. */
    UNREACHABLE("unreachable"),
    /** This machine has no way to addresses of that kind. */
    NO_ROUTE("no route from here"),
    /** The connection stands, and nothing is said. */
    SILENT("silent"),
    /** The connection ends before anything is said. */
    CLOSED("closed at once"),
    /** Something else is said. */
    NOT_SMTP("not SMTP"),
    /** A greeting or a reply to EHLO that sends one away. */
    TURNED_AWAY("turned away");

    private final String words;

    Reach(String words) {
        this.words = words;
    }

    /** In words. */
    @Override
    public String toString() {
        return words;
    }

    /** Whether no connection came to stand. */
    public boolean isBlocked() {
        return this == FILTERED || this == UNREACHABLE;
    }
}

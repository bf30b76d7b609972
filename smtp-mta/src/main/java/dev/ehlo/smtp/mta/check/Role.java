package dev.ehlo.smtp.mta.check;

import java.util.Locale;

/** What a port is for, and so what has to be there. RFC 5321 §4.5.4.2, RFC 6409 §3.1, RFC 8314 §3.3. */
public enum Role {
    /** Mail from other servers: TLS, if there is any, by STARTTLS, and no login. */
    MX(25),
    /** Mail of users: TLS from the first octet, and a login. */
    SUBMISSIONS(465),
    /** Mail of users: TLS by STARTTLS, and a login. */
    SUBMISSION(587),
    /** The same, where networks block the others. */
    ALTERNATE(2525),
    /** Nobody knows: either kind of TLS will do. */
    OTHER(0);

    private final int port;

    Role(int port) {
        this.port = port;
    }

    /** Where it is in the world; 0 if nowhere. */
    public int port() {
        return port;
    }

    /** Whether users log in there. */
    public boolean isForUsers() {
        return this == SUBMISSIONS || this == SUBMISSION || this == ALTERNATE;
    }

    /** Of that port of the world. */
    public static Role of(int port) {
        for (Role each : values()) {
            if (each.port == port) {
                return each;
            }
        }
        return OTHER;
    }

    /** As the options say it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package dev.ehlo.smtp.server;

import java.util.regex.Pattern;

/** What is kept of one password: enough to check a proof of it, and not enough to make one. Immutable. RFC 5802 §3. */
public final class ScramKey {
    /** The name of a login's own password, beside those of its applications. */
    public static final String OWN = "";

    private static final Pattern NAME = Pattern.compile("|[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final String name;
    private final byte[] storedKey;
    private final byte[] serverKey;

    /**
     * A key, of octets that are copied.
     *
     * @param name of the password: {@link #OWN}, or 1 to 64 of {@code A-Z a-z 0-9 . _ -} that begin with a letter or digit
     * @param storedKey {@code H(ClientKey)}
     * @param serverKey by which the server proves itself to the client
     * @throws IllegalArgumentException if the name is none
     */
    public ScramKey(String name, byte[] storedKey, byte[] serverKey) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("the name of a password is 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        this.name = name;
        this.storedKey = storedKey.clone();
        this.serverKey = serverKey.clone();
    }

    /** Of the password. */
    public String name() {
        return name;
    }

    /** A copy of it. */
    public byte[] storedKey() {
        return storedKey.clone();
    }

    /** A copy of it. */
    public byte[] serverKey() {
        return serverKey.clone();
    }

    /** The name alone. */
    @Override
    public String toString() {
        return "ScramKey[" + name + ']';
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.client.sasl.ScramHash;
import org.jspecify.annotations.Nullable;

/** The ways to log in that a client knows, the best first. RFC 4954 §4, RFC 4422. */
public enum Mechanism {
    /** As {@link #SCRAM_SHA_256}, bound to the TLS connection, so that nobody can stand between. RFC 7677 §3. */
    SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS", ScramHash.SHA_256, true),
    /** As {@link #SCRAM_SHA_1}, bound to the TLS connection. RFC 5802 §6. */
    SCRAM_SHA_1_PLUS("SCRAM-SHA-1-PLUS", ScramHash.SHA_1, true),
    /** Both sides prove that they know the password, and neither says it. RFC 7677 §3. */
    SCRAM_SHA_256("SCRAM-SHA-256", ScramHash.SHA_256, false),
    /** The same with the hash of RFC 5802. */
    SCRAM_SHA_1("SCRAM-SHA-1", ScramHash.SHA_1, false),
    /** An access token of OAuth 2. RFC 7628. */
    OAUTHBEARER("OAUTHBEARER"),
    /** An access token, as Google and Microsoft had it before there was an RFC. */
    XOAUTH2("XOAUTH2"),
    /** The certificate that the client has shown in the TLS handshake. RFC 4422 appendix A. */
    EXTERNAL("EXTERNAL"),
    /** The client proves that it knows the password, by a hash that is weak by now. RFC 2195. */
    CRAM_MD5("CRAM-MD5"),
    /** The password as it is. RFC 4616. */
    PLAIN("PLAIN"),
    /** The password as it is, for servers that know nothing newer. */
    LOGIN("LOGIN");

    private final String saslName;
    private final @Nullable ScramHash hash;
    private final boolean isBound;

    Mechanism(String saslName) {
        this(saslName, null, false);
    }

    Mechanism(String saslName, @Nullable ScramHash hash, boolean isBound) {
        this.saslName = saslName;
        this.hash = hash;
        this.isBound = isBound;
    }

    /** As it is registered with IANA and stands behind AUTH. */
    public String saslName() {
        return saslName;
    }

    /** Whether it ties the login to the TLS connection. */
    boolean isBound() {
        return isBound;
    }

    /** That of SCRAM; null of the others. */
    @Nullable
    ScramHash hash() {
        return hash;
    }
}

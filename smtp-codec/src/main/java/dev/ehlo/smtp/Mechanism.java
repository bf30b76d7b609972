package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.Optional;

/** The ways to log in that this stack knows, the best first. RFC 4954 §4, RFC 4422. */
public enum Mechanism {
    /** As {@link #SCRAM_SHA_256}, bound to the TLS connection, so that nobody can stand between. RFC 7677 §3. */
    SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS", true),
    /** As {@link #SCRAM_SHA_1}, bound to the TLS connection. RFC 5802 §6. */
    SCRAM_SHA_1_PLUS("SCRAM-SHA-1-PLUS", true),
    /** Both sides prove that they know the password, and neither says it. RFC 7677 §3. */
    SCRAM_SHA_256("SCRAM-SHA-256", false),
    /** The same with the hash of RFC 5802. */
    SCRAM_SHA_1("SCRAM-SHA-1", false),
    /** An access token of OAuth 2. RFC 7628. */
    OAUTHBEARER("OAUTHBEARER", false),
    /** An access token, as Google and Microsoft had it before there was an RFC. */
    XOAUTH2("XOAUTH2", false),
    /** The certificate that the client has shown in the TLS handshake. RFC 4422 appendix A. */
    EXTERNAL("EXTERNAL", false),
    /** The client proves that it knows the password, by a hash that is weak by now. RFC 2195. */
    CRAM_MD5("CRAM-MD5", false),
    /** The password as it is. RFC 4616. */
    PLAIN("PLAIN", false),
    /** The password as it is, for those that know nothing newer. */
    LOGIN("LOGIN", false);

    private final String saslName;
    private final boolean isBound;

    Mechanism(String saslName, boolean isBound) {
        this.saslName = saslName;
        this.isBound = isBound;
    }

    /** The one of that name, in letters of any case; empty for one that is not known here. */
    public static Optional<Mechanism> of(String saslName) {
        for (Mechanism each : values()) {
            if (Octets.lowerAscii(each.saslName).equals(Octets.lowerAscii(saslName))) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** As it is registered with IANA and stands behind AUTH. */
    public String saslName() {
        return saslName;
    }

    /** Whether it ties the login to the TLS connection. */
    public boolean isBound() {
        return isBound;
    }
}

package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.tls.TlsVerdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A server's certificate, and what is said of it.
 *
 * @param state whether an authority that is trusted vouches for it and the host, or why not
 * @param words the same in words; printable
 * @param until when it ends
 * @param dane what the host's TLSA records say of it, where DNSSEC proves some that are usable; at port 25 alone
 * @param isTimed whether it is a proof now, by an authority or by DANE, and no more when it has ended
 */
public record CertificateFacts(State state, String words, Instant until, Optional<TlsVerdict> dane, boolean isTimed) {
    /** What is first to be mended. */
    public enum State {
        /** Nothing. */
        GOOD,
        /** It has ended. */
        EXPIRED,
        /** It has not begun. */
        NOT_YET_VALID,
        /** It vouches for itself. */
        SELF_SIGNED,
        /** It is another host's. */
        WRONG_NAME,
        /** Its issuer is not known, or anything else. */
        UNTRUSTED
    }

    /** Whole days that it is good for; below 0 if it has ended. */
    public long daysLeft(Instant now) {
        Duration left = Duration.between(now, until);
        return left.isNegative() ? -1 : left.toDays();
    }

    /** Whether it proves the host, by DANE where that has the say. RFC 7672 §2.2. */
    public boolean isProof() {
        return dane.map(TlsVerdict::authenticated).orElse(state == State.GOOD);
    }
}

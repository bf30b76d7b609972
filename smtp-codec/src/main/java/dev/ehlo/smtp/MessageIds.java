package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.DomainGrammar;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * Makes message ids that do not repeat: the time, and 128 random bits that nobody guesses if the generator is secure.
 * They tell nothing of the host but the domain that they are made for. RFC 5322 §3.6.4. To be shared between threads if
 * the sources of time and randomness are, as {@link java.security.SecureRandom} is.
 */
public final class MessageIds {
    private static final int RADIX = 36;

    private final String right;
    private final InstantSource time;
    private final RandomGenerator random;

    /**
     * Ids of this domain.
     *
     * @param domain a domain name, with U-labels or without, or an address literal in brackets
     * @throws IllegalArgumentException if it is neither
     */
    public MessageIds(String domain, InstantSource time, RandomGenerator random) {
        this.right = new MessageId("id", domain.startsWith("[") ? domain : DomainGrammar.toAscii(domain)).right();
        this.time = time;
        this.random = random;
    }

    /** A new id. */
    public MessageId next() {
        return new MessageId(
                Long.toString(time.millis(), RADIX)
                        + '.'
                        + Long.toUnsignedString(random.nextLong(), RADIX)
                        + '.'
                        + Long.toUnsignedString(random.nextLong(), RADIX),
                right);
    }
}

package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Since when a recipient has to have had the mailbox, so that the mail does not reach who has it now, as RRVS tells.
 * RFC 7293 §3.1.
 *
 * @param since in whole seconds, in the years 0 to 9999
 * @param noSupport what is to be done where a server can't tell
 */
public record RequireRecipientValidSince(Instant since, NoSupport noSupport) {
    /** What is to be done with a message where the next server does not know RRVS. */
    public enum NoSupport {
        /** Not to send it there; this is what silence means. */
        REJECT,
        /** To send it all the same. */
        CONTINUE
    }

    /**
     * Drops the fraction of a second.
     *
     * @throws IllegalArgumentException if the time is out of range
     */
    public RequireRecipientValidSince {
        since = since.truncatedTo(ChronoUnit.SECONDS);
        ParameterGrammar.require(EsmtpKeyword.RRVS, encode(since, noSupport));
    }

    /**
     * What the value of RRVS says: {@code 2014-04-03T23:01:00Z;C}.
     *
     * @throws IllegalArgumentException if it says nothing
     */
    public static RequireRecipientValidSince parse(String text) {
        long seconds = ParameterGrammar.require(EsmtpKeyword.RRVS, text);
        boolean goOn = (text.charAt(text.length() - 1) | 0x20) == 'c';
        return new RequireRecipientValidSince(
                Instant.ofEpochSecond(seconds), goOn ? NoSupport.CONTINUE : NoSupport.REJECT);
    }

    /** As on the wire, in UTC. */
    @Override
    public String toString() {
        return encode(since, noSupport);
    }

    private static String encode(Instant since, NoSupport noSupport) {
        return since + (noSupport == NoSupport.REJECT ? ";R" : ";C");
    }
}

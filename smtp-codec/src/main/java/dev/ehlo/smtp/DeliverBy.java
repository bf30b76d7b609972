package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.time.Duration;

/**
 * Within what time a message is to be delivered, and what is to be done when that can't be, as BY tells. RFC 2852 §4.
 *
 * @param within whole seconds, at most 999,999,999 either way; what is not positive has passed
 * @param mode what is to be done then
 * @param trace whether each relay is to tell that it passed the message on
 */
public record DeliverBy(Duration within, Mode mode, boolean trace) {
    /** What is to be done with a message that is late. */
    public enum Mode {
        /** Tell the sender, and go on. */
        NOTIFY,
        /** Return it; this needs a time to come. */
        RETURN
    }

    /**
     * Drops the fraction of a second.
     *
     * @throws IllegalArgumentException if the time is out of range, or has passed with RETURN
     */
    public DeliverBy {
        within = Duration.ofSeconds(within.toSeconds());
        ParameterGrammar.require(EsmtpKeyword.BY, encode(within, mode, trace));
    }

    /**
     * What the value of BY says: {@code 120;R}.
     *
     * @throws IllegalArgumentException if it says nothing
     */
    public static DeliverBy parse(String text) {
        ParameterGrammar.require(EsmtpKeyword.BY, text);
        int semicolon = text.indexOf(';');
        boolean notify = (text.charAt(semicolon + 1) | 0x20) == 'n';
        return new DeliverBy(
                Duration.ofSeconds(Integer.parseInt(text.substring(0, semicolon))),
                notify ? Mode.NOTIFY : Mode.RETURN,
                text.length() == semicolon + 3);
    }

    /** As on the wire: {@code 120;R}. */
    @Override
    public String toString() {
        return encode(within, mode, trace);
    }

    private static String encode(Duration within, Mode mode, boolean trace) {
        return within.toSeconds() + (mode == Mode.NOTIFY ? ";N" : ";R") + (trace ? "T" : "");
    }
}

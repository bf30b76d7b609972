package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;

/** How much of a message a report on its failure is to bring back, as RET tells. RFC 3461 §4.3. */
public enum DsnReturn {
    /** All of it. */
    FULL,
    /** Its header. */
    HDRS;

    /**
     * What the value of RET says, in letters of either case.
     *
     * @throws IllegalArgumentException if it says neither
     */
    public static DsnReturn parse(String text) {
        return values()[(int) ParameterGrammar.require(EsmtpKeyword.RET, text)];
    }
}

package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;

/** What the content of a message is made of, as BODY tells. */
public enum BodyType {
    /** Lines of ASCII. RFC 6152 §3. */
    SEVEN_BIT("7BIT"),
    /** Lines of any octets. RFC 6152 §3. */
    EIGHT_BIT_MIME("8BITMIME"),
    /** Any octets, in lines or not; it goes by BDAT alone. RFC 3030 §3. */
    BINARY_MIME("BINARYMIME");

    private final String wire;

    BodyType(String wire) {
        this.wire = wire;
    }

    /**
     * The type that the value of BODY says, in letters of either case.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static BodyType parse(String text) {
        return values()[(int) ParameterGrammar.require(EsmtpKeyword.BODY, text)];
    }

    /** As on the wire: {@code 8BITMIME}. */
    @Override
    public String toString() {
        return wire;
    }
}

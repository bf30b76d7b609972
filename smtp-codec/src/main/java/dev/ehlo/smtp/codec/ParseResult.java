package dev.ehlo.smtp.codec;

/** What a parser made of the octets it was given. */
public enum ParseResult {
    /** One whole unit: the view is filled, and the position is after it. */
    COMPLETE,
    /** Not yet a whole unit: the position is where it was; call again with the same octets and more behind them. */
    INCOMPLETE,
    /** A whole unit that the grammar does not allow: the view says why, and the position is after it. */
    MALFORMED,
    /** Longer than the limit, told once for each such unit. What came of it, and what is still to come, is skipped. */
    OVERLONG
}

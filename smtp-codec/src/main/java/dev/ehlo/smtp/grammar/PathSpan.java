package dev.ehlo.smtp.grammar;

/**
 * Where the parts of a path lie in the octets it was found in: a view, reused, filled by {@link PathGrammar}. All
 * indices are absolute in the buffer; each end is exclusive.
 */
public final class PathSpan {
    public int localStart;
    public int localEnd;
    public int domainStart;
    public int domainEnd;
    /** Whether the local part is a quoted-string, its quotes within the span. */
    public boolean quoted;
    /** Whether an octet above 127 occurs (RFC 6531). */
    public boolean utf8;
    /** The octet after the path. */
    public int end;

    /** Whether this is {@code <>}. */
    public boolean isEmpty() {
        return localEnd == localStart;
    }

    /** Whether this is {@code <Postmaster>}, the only mailbox without a domain. */
    public boolean isPostmaster() {
        return domainEnd == domainStart && localEnd > localStart;
    }
}

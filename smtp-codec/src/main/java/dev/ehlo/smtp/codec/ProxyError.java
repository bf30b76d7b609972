package dev.ehlo.smtp.codec;

/** Why what came is no PROXY header. For logs: the connection is closed without a word to the peer. */
public enum ProxyError {
    /** Neither {@code PROXY} nor the signature of version 2. */
    NO_SIGNATURE,
    /** A CR or LF within the line of version 1. */
    BARE_NEWLINE,
    /** A field of version 1 that is missing, one too many, or of the wrong form. */
    BAD_FIELD,
    /** A version or command of the binary form that is not assigned. */
    BAD_COMMAND,
    /** An address family or transport that is not assigned. */
    BAD_FAMILY,
    /** Less room than the addresses of this family take. */
    BAD_LENGTH,
    /** A TLV that ends outside of the header, is given twice, or whose value is of the wrong form. */
    BAD_TLV,
    /** More TLVs than {@link ProxyTlvs#MAX_TLVS}. */
    TOO_MANY_TLVS,
    /** A checksum that does not match. */
    BAD_CHECKSUM
}

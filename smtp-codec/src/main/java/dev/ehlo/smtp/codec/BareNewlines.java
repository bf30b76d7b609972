package dev.ehlo.smtp.codec;

/** What to do about a CR without LF, or an LF without CR, in content. RFC 5321 §2.3.8 forbids both. */
public enum BareNewlines {
    /** Take the content to its end and then refuse it: {@link DataDecoder#isRefused()}. */
    REFUSE,
    /** Make a CRLF of each. It never begins a line in the sense of end of data. */
    REPAIR,
    /** Leave them as they are. */
    KEEP
}

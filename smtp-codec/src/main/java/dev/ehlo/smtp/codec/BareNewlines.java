package dev.ehlo.smtp.codec;

/**
 * What to do about a CR without LF, or an LF without CR, in content. RFC 5321 §2.3.8 forbids both, and servers that
 * take one of them for the end of a line disagree with the others about where a message ends. Whatever the policy, only
 * CRLF ends a line here, so that none of them begins one that could be end of data.
 */
public enum BareNewlines {
    /**
     * Take the content to its end and then refuse it: ask {@link DataDecoder#isRefused()}, {@link
     * ChunkDecoder#isRefused()}, {@link DataEncoder#isRefused()} or {@link DataSlices#isRefused()}.
     */
    REFUSE,
    /** Make a CRLF of each. The content is not the sender's octets any more, and a signature over it may fail. */
    REPAIR,
    /** Leave them as they are: for binary content in chunks, and for peers that are known to be as strict. */
    KEEP
}

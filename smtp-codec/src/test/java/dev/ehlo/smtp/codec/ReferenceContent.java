package dev.ehlo.smtp.codec;

/** The framing of content again, slow and plain, over the whole input at once: what the fast one is held against. */
final class ReferenceContent {
    /** What is decoded of octets after DATA, or of chunks. */
    record Decoded(String content, boolean ended, boolean refused, String rest) {}

    /** What is encoded for DATA. */
    record Encoded(String wire, boolean refused) {}

    private static final String BARE = "\r(?!\n)|(?<!\r)\n";

    private ReferenceContent() {}

    static Decoded decode(String wire, BareNewlines policy) {
        // A CRLF in front makes the first line like any other.
        String framed = "\r\n" + wire;
        int end = framed.indexOf("\r\n.\r\n");
        boolean ended = end >= 0;
        String lines = ended ? framed.substring(0, end + 2) : framed;
        String content = lines.replaceAll("(?<=\r\n)\\.", "").substring(2);
        return decoded(content, "x" + content, ended, ended ? framed.substring(end + 5) : "", policy);
    }

    /** What the chunks come to, whatever their sizes. */
    static Decoded chunks(String content, String rest, BareNewlines policy) {
        return decoded(content, content, true, rest, policy);
    }

    private static Decoded decoded(String content, String seen, boolean ended, String rest, BareNewlines policy) {
        boolean bare = hasBareNewline(seen);
        String repaired = policy == BareNewlines.REPAIR ? content.replaceAll(BARE, "\r\n") : content;
        return new Decoded(repaired, ended, bare && policy == BareNewlines.REFUSE, rest);
    }

    static Encoded encode(String content, BareNewlines policy) {
        if (policy == BareNewlines.KEEP) {
            return new Encoded(
                    ("\r\n" + closed(content, "\r\n"))
                                    .replaceAll("(?<=\r\n)\\.", "..")
                                    .substring(2) + ".\r\n",
                    false);
        }
        String lines = closed(content.replaceAll(BARE, "\r\n"), "\r\n");
        return new Encoded(
                ("\n" + lines).replaceAll("(?<=\n)(\0*)\\.", "$1..").substring(1) + ".\r\n",
                hasBareNewline(content) && policy == BareNewlines.REFUSE);
    }

    /** The content with its last line ended. */
    static String closed(String content, String end) {
        return content.isEmpty() || content.endsWith("\r\n") ? content : content + end;
    }

    private static boolean hasBareNewline(String content) {
        return java.util.regex.Pattern.compile(BARE).matcher(content).find();
    }
}

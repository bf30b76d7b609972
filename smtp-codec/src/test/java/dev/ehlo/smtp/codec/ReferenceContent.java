package dev.ehlo.smtp.codec;

/** The framing of content again, slow and plain, over the whole input at once: what the fast one is held against. */
final class ReferenceContent {
    /** What is decoded of octets after DATA. */
    record Decoded(String content, boolean ended, boolean refused, String rest) {}

    private ReferenceContent() {}

    static Decoded decode(String wire, BareNewlines policy) {
        // A CRLF in front makes the first line like any other.
        String framed = "\r\n" + wire;
        int end = framed.indexOf("\r\n.\r\n");
        boolean ended = end >= 0;
        String lines = ended ? framed.substring(0, end + 2) : framed;
        String content = lines.replaceAll("(?<=\r\n)\\.", "").substring(2);
        boolean bare = ("x" + content).replace("\r\n", "").matches("(?s).*[\r\n].*");
        if (policy == BareNewlines.REPAIR) {
            content = content.replaceAll("\r(?!\n)|(?<!\r)\n", "\r\n");
        }
        return new Decoded(
                content, ended, bare && policy == BareNewlines.REFUSE, ended ? framed.substring(end + 5) : "");
    }

    static String encode(String content) {
        String lines = content.replaceAll("\r(?!\n)|(?<!\r)\n", "\r\n");
        if (!lines.isEmpty() && !lines.endsWith("\r\n")) {
            lines += "\r\n";
        }
        return ("\n" + lines).replaceAll("(?<=\n)(\0*)\\.", "$1..").substring(1) + ".\r\n";
    }
}

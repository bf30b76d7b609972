package dev.ehlo.smtp.mta;

/** The little of JSON that is printed. RFC 8259. */
final class Json {
    private Json() {}

    /** A string of text that has no control characters in it, as that of a reply. */
    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}

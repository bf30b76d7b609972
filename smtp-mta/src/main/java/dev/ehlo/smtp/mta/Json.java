package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;

/** The little of JSON that is printed. RFC 8259. */
final class Json {
    private Json() {}

    /** A string; what would move a terminal is escaped, whether JSON asks for it or not. */
    static String quoted(String text) {
        if (Octets.isPrintable(text)) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        StringBuilder quoted = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}

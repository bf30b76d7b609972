package dev.ehlo.smtp.mta.selftest;

/** Octets of the wire as text for people and terminals: one line, printable, and not too long. */
final class Shown {
    private static final int MOST = 200;

    private Shown() {}

    static String text(String octets) {
        StringBuilder text = new StringBuilder();
        int end = Math.min(octets.length(), MOST);
        for (int i = 0; i < end; i++) {
            char c = octets.charAt(i);
            switch (c) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\0' -> text.append("\\0");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (c >= ' ' && c < 0x7f) {
                        text.append(c);
                    } else {
                        text.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", (int) c));
                    }
                }
            }
        }
        return end < octets.length() ? text + "..." : text.toString();
    }
}

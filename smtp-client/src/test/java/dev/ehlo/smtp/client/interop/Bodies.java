package dev.ehlo.smtp.client.interop;

/** Content that a relay could spoil, one character for each octet (ISO 8859-1). */
final class Bodies {
    /** Dots at the beginnings of lines, 8-bit octets, a line of the greatest length, blanks at ends. RFC 5321 §4.5.3.1.6. */
    static final String AWKWARD = ".\r\n..\r\n.dot\r\n. \r\n\r\n.\t\r\nGr\u00fc\u00dfe, \u00ff\u0080\r\n"
            + "x".repeat(998) + "\r\n\r\ntrailing blanks  \r\n.\r\n";

    static final String EMPTY = "";

    /** Nothing but what has to be stuffed. */
    static final String DOTS = ".\r\n".repeat(500);

    private Bodies() {}

    /** Of so many octets, or a few more. */
    static String large(int octets) {
        StringBuilder text = new StringBuilder(octets + 80);
        for (int line = 0; text.length() < octets; line++) {
            text.append(line % 7 == 0 ? "." : "").append("line ").append(line).append(" of a large message\r\n");
        }
        return text.toString();
    }

    /** A message that begins with its subject, and lacks no field that a relay might add. */
    static String message(String subject, String body) {
        return "Subject: " + subject + "\r\nFrom: a@example.org\r\nTo: b@example.net\r\n"
                + "Date: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + subject + "@example.org>\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\n" + body;
    }
}

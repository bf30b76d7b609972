package dev.ehlo.smtp.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A message that a {@link ScriptedPeer} took, or would have taken had the connection not ended on its end of data.
 * Immutable.
 */
public final class ReceivedMessage {
    private final String mail;
    private final List<String> rcpts;
    private final byte[] content;

    ReceivedMessage(String mail, List<String> rcpts, byte[] content) {
        this.mail = mail;
        this.rcpts = List.copyOf(rcpts);
        this.content = content;
    }

    /** The MAIL command, as it came. */
    public String mail() {
        return mail;
    }

    /** The RCPT commands that the peer accepted, as they came. */
    public List<String> rcpts() {
        return rcpts;
    }

    /** What came after DATA, without stuffed dots and end of data; a copy. */
    public byte[] content() {
        return content.clone();
    }

    /** What stands between the angle brackets of MAIL; empty for the null reverse-path. */
    public String reversePath() {
        return path(mail);
    }

    /** What stands between the angle brackets of each RCPT. */
    public List<String> recipients() {
        return rcpts.stream().map(ReceivedMessage::path).toList();
    }

    /** The content as text, one character for each octet (ISO 8859-1). */
    public String text() {
        return new String(content, StandardCharsets.ISO_8859_1);
    }

    /** Reverse-path, recipients and size. */
    @Override
    public String toString() {
        return reversePath() + " to " + recipients() + ", " + content.length + " octets";
    }

    /** A bracket may stand in a quoted local part, where a backslash may quote a quote. RFC 5321 §4.1.2. */
    static String path(String command) {
        int open = command.indexOf('<');
        boolean quoted = false;
        for (int at = open + 1; open >= 0 && at < command.length(); at++) {
            char c = command.charAt(at);
            if (quoted && c == '\\') {
                at++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == '>' && !quoted) {
                return command.substring(open + 1, at);
            }
        }
        return "";
    }
}

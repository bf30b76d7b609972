package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageId;
import dev.ehlo.smtp.codec.MessageDate;
import dev.ehlo.smtp.server.SessionInfo;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;

/** The header fields that the server adds, each with its line ends. */
final class TraceFields {
    /** RFC 5321 §4.5.3.1.2. */
    private static final int MAX_NAME = 255;

    private TraceFields() {}

    /**
     * RFC 5321 §4.4. Where users submit, their addresses are nobody's business, and the from clause is left out.
     *
     * @param id of the message
     * @param utf8 whether MAIL said SMTPUTF8
     */
    static String received(
            SessionInfo session, String hostname, boolean hideClient, String id, boolean utf8, Instant time) {
        StringBuilder field = new StringBuilder(200).append("Received:");
        if (!hideClient) {
            InetAddress client = session.remoteAddress().getAddress();
            field.append(" from ")
                    .append(name(session.helo()))
                    .append(" (")
                    .append(session.clientName().map(name -> name + ' ').orElse(""))
                    .append(literal(client))
                    .append(")\r\n\t");
        } else {
            field.append(' ');
        }
        field.append("by ")
                .append(hostname)
                .append(" with ")
                .append(protocol(session, utf8))
                .append(" id ")
                .append(id);
        // RFC 8314 §4.3.
        session.tls().ifPresent(tls -> field.append("\r\n\ttls ").append(tls.cipherSuite()));
        return field.append(";\r\n\t")
                .append(MessageDate.format(time, ZoneOffset.UTC))
                .append("\r\n")
                .toString();
    }

    static String date(Instant time) {
        return "Date: " + MessageDate.format(time, ZoneOffset.UTC) + "\r\n";
    }

    static String messageId(MessageId id) {
        return "Message-ID: " + id + "\r\n";
    }

    /** RFC 3848, RFC 6531 §4.3. */
    private static String protocol(SessionInfo session, boolean utf8) {
        if (!session.esmtp()) {
            return "SMTP";
        }
        return (utf8 ? "UTF8SMTP" : "ESMTP")
                + (session.tls().isPresent() ? "S" : "")
                + (session.login().isPresent() ? "A" : "");
    }

    /** RFC 5321 §4.1.3. */
    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        if (!(address instanceof Inet6Address)) {
            return '[' + text + ']';
        }
        int zone = text.indexOf('%');
        return "[IPv6:" + (zone < 0 ? text : text.substring(0, zone)) + ']';
    }

    /** What the client calls itself, with all that could end the clause or the field made harmless. */
    private static String name(String helo) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < Math.min(helo.length(), MAX_NAME); i++) {
            char c = helo.charAt(i);
            boolean plain = c >= '0' && c <= '9'
                    || c >= 'A' && c <= 'Z'
                    || c >= 'a' && c <= 'z'
                    || c == '.'
                    || c == '-'
                    || c == '_'
                    || c == ':'
                    || c == '['
                    || c == ']';
            name.append(plain ? c : '?');
        }
        return name.length() == 0 ? "unknown" : name.toString();
    }
}

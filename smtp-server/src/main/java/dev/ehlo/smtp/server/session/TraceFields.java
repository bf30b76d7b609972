package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageId;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header fields that the server adds, each with its line ends. One for each session: what stands in front of each of
 * its messages is made once, but for the message's number and the date.
 */
final class TraceFields {
    /** RFC 5321 §4.5.3.1.2. */
    private static final int MAX_NAME = 255;
    /** Digits of a message's number. */
    private static final int MAX_DIGITS = 10;

    private final Role role;
    private @Nullable SessionInfo made;
    private boolean madeUtf8;
    private boolean madeNamed;
    private byte[] beforeNumber = {};
    private byte[] beforeDate = {};
    private ByteBuffer fields = ByteBuffer.allocate(0);

    TraceFields(Role role) {
        this.role = role;
    }

    /**
     * What stands in front of a message: Received, and before it Return-Path if the profile adds it. RFC 5321 §4.4.
     *
     * @param message its number in the session
     * @param utf8 whether MAIL said SMTPUTF8
     * @return a buffer that is good until the next call
     */
    ByteBuffer front(SessionInfo session, int message, ReversePath reversePath, boolean utf8) {
        // The name may be found while the session goes on.
        boolean named = session.clientName().isPresent();
        if (session != made || utf8 != madeUtf8 || named != madeNamed) {
            make(session, utf8);
            madeNamed = named;
        }
        byte[] returnPath = role.profile().addsReturnPath() ? octets("Return-Path: <" + reversePath + ">\r\n") : null;
        byte[] date = role.traceDate().octets();
        int room = beforeNumber.length + MAX_DIGITS + beforeDate.length + date.length + 2;
        if (returnPath != null) {
            room += returnPath.length;
        }
        if (fields.capacity() < room) {
            fields = ByteBuffer.allocate(room);
        }
        fields.clear();
        if (returnPath != null) {
            fields.put(returnPath);
        }
        fields.put(beforeNumber);
        putNumber(message);
        return fields.put(beforeDate)
                .put(date)
                .put((byte) '\r')
                .put((byte) '\n')
                .flip();
    }

    private void putNumber(int number) {
        int power = 1;
        while (number / power >= 10) {
            power *= 10;
        }
        for (; power > 0; power /= 10) {
            fields.put((byte) ('0' + number / power % 10));
        }
    }

    private void make(SessionInfo session, boolean utf8) {
        StringBuilder field = new StringBuilder(200).append("Received: ");
        // Where users submit, their addresses are nobody's business.
        if (!role.profile().hidesClient()) {
            InetAddress client = session.remoteAddress().getAddress();
            field.append("from ")
                    .append(name(session.helo()))
                    .append(" (")
                    .append(session.clientName().map(name -> name + ' ').orElse(""))
                    .append(literal(client))
                    .append(")\r\n\t");
        }
        field.append("by ")
                .append(role.server().hostname())
                .append(" with ")
                .append(protocol(session, utf8))
                .append(" id ")
                .append(session.id())
                .append('.');
        beforeNumber = octets(field.toString());
        // RFC 8314 §4.3.
        String tls = session.tls().map(t -> "\r\n\ttls " + t.cipherSuite()).orElse("");
        beforeDate = octets(tls + ";\r\n\t");
        made = session;
        madeUtf8 = utf8;
    }

    /** What a submitted message lacks. RFC 6409 §8, §8.2, §8.3. */
    String missing(ReversePath reversePath, boolean from, boolean date, boolean messageId) {
        StringBuilder fields = new StringBuilder();
        if (!from && !reversePath.isNull()) {
            fields.append("From: <").append(reversePath).append(">\r\n");
        }
        if (!date) {
            fields.append("Date: ").append(new String(role.traceDate().octets(), StandardCharsets.US_ASCII));
            fields.append("\r\n");
        }
        if (!messageId) {
            MessageId id = role.server().messageIds().next();
            fields.append("Message-ID: ").append(id).append("\r\n");
        }
        return fields.toString();
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** RFC 3848, RFC 6531 §4.3. */
    private String protocol(SessionInfo session, boolean utf8) {
        if (!session.esmtp()) {
            return "SMTP";
        }
        return (role.isLmtp() ? utf8 ? "UTF8LMTP" : "LMTP" : utf8 ? "UTF8SMTP" : "ESMTP")
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

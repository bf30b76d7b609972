package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a session is to do: with whom, and its next mail transaction.
 *
 * @param localName the argument of EHLO; empty for the address that the connection is made from
 * @param host the server, as outcomes name it
 * @param envelope at least one recipient
 * @param content sent as it is, but for dots and line ends
 * @param policy what to ask of TLS
 * @param login null to go without
 * @param reuse how much the connection serves before it is given up
 * @param dialogue null where nobody listens
 * @param lmtp whether the server speaks LMTP. RFC 2033
 */
record SessionPlan(
        String localName,
        String host,
        Envelope envelope,
        Content content,
        TlsPolicy policy,
        @Nullable Login login,
        SessionTimeouts timeouts,
        ConnectionReuse reuse,
        @Nullable DialogueListener dialogue,
        boolean lmtp) {

    /** A plan for SMTP. */
    SessionPlan(
            String localName,
            String host,
            Envelope envelope,
            Content content,
            TlsPolicy policy,
            @Nullable Login login,
            SessionTimeouts timeouts,
            ConnectionReuse reuse,
            @Nullable DialogueListener dialogue) {
        this(localName, host, envelope, content, policy, login, timeouts, reuse, dialogue, false);
    }

    /** The same, said to start from that address, if the plan has no local name. RFC 5321 §4.1.4. */
    SessionPlan from(InetAddress local) {
        if (!localName.isEmpty()) {
            return this;
        }
        String literal =
                local instanceof Inet6Address ? "[IPv6:" + withoutZone(local) + ']' : '[' + withoutZone(local) + ']';
        return new SessionPlan(literal, host, envelope, content, policy, login, timeouts, reuse, dialogue, lmtp);
    }

    private static String withoutZone(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return zone < 0 ? text : text.substring(0, zone);
    }
}

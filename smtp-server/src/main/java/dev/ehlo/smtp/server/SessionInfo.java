package dev.ehlo.smtp.server;

import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What is known of a session at one moment.
 *
 * @param id the session's own, letters and digits, the same in log lines and trace fields
 * @param remoteAddress the client
 * @param localAddress where it connected to
 * @param profile the name of the profile it came by
 * @param helo what the client calls itself in EHLO or HELO, any printable word and not verified; empty before either
 * @param esmtp whether it said EHLO
 * @param tls what the handshake came to; empty in clear
 * @param login as the {@link Authenticator} named it; empty before AUTH
 */
public record SessionInfo(
        String id,
        InetSocketAddress remoteAddress,
        InetSocketAddress localAddress,
        String profile,
        String helo,
        boolean esmtp,
        Optional<TlsSession> tls,
        Optional<String> login) {}

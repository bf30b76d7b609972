package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.tls.ChannelBinding;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** What a login has to know of the connection that it comes by. */
public interface SaslChannel {
    /** Whether there is a binding of any type, and so mechanisms with binding are offered. */
    boolean isBindable();

    /** The binding of that type, if there is one. */
    Optional<ChannelBinding> binding(String type);

    /** What the client has shown in the handshake, and is trusted; empty without. */
    List<X509Certificate> certificates();
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.MessageIds;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.SenderRule;
import dev.ehlo.smtp.server.limit.LoginGuard;
import dev.ehlo.smtp.server.sasl.SaslMechanisms;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;

/**
 * What all sessions of a server share.
 *
 * @param hostname its name in greetings and trace fields
 * @param handler who decides about mail
 * @param sasl how one may log in
 * @param senderRule which login may send in whose name
 * @param localDomains as {@link dev.ehlo.smtp.Mailbox#destination} has them
 * @param relayFrom whose clients may relay on profiles for other servers
 * @param honoured what the handler keeps, of the extensions that depend on it
 * @param isTlsPossible whether there is a certificate
 * @param time of trace fields
 * @param messageIds for submitted messages without one
 * @param guard asked before the authenticator, and told what came of it
 */
public record ServerSettings(
        String hostname,
        HandlerCalls handler,
        SaslMechanisms sasl,
        SenderRule senderRule,
        Set<String> localDomains,
        List<Network> relayFrom,
        Set<Extension> honoured,
        boolean isTlsPossible,
        InstantSource time,
        MessageIds messageIds,
        LoginGuard guard) {
    /** Copies the collections. */
    public ServerSettings {
        localDomains = Set.copyOf(localDomains);
        honoured = Set.copyOf(honoured);
        relayFrom = List.copyOf(relayFrom);
    }
}

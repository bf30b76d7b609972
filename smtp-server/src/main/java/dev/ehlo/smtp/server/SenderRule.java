package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a login may send in the name of a mailbox; asked at MAIL on submission profiles, where the handler is asked. The
 * null reverse-path is everyone's. RFC 6409 §6.1.
 */
@FunctionalInterface
public interface SenderRule {
    /** May block where the handler may. */
    boolean owns(String login, Mailbox sender);

    /** The login is the mailbox, or its local part where the domain is one of these. The case of ASCII letters is not regarded. */
    static SenderRule ownName(Collection<String> localDomains) {
        Set<String> local = localDomains.stream().map(DomainGrammar::toAscii).collect(Collectors.toUnmodifiableSet());
        return (login, sender) -> {
            String name = Octets.lowerAscii(login);
            return name.equals(Octets.lowerAscii(sender.toString()))
                    || local.contains(sender.destination()) && name.equals(Octets.lowerAscii(sender.localPart()));
        };
    }

    /** Every login may use every mailbox. */
    static SenderRule anySender() {
        return (login, sender) -> true;
    }
}

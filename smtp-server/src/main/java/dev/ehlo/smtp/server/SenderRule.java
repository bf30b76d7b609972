package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mailbox;
import java.util.Collection;
import java.util.Locale;
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

    /** The login is the mailbox, or its local part where the domain is one of these. Case is not regarded. */
    static SenderRule ownName(Collection<String> localDomains) {
        Set<String> local =
                localDomains.stream().map(d -> d.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        return (login, sender) -> login.equalsIgnoreCase(sender.toString())
                || local.contains(sender.destination()) && login.equalsIgnoreCase(sender.localPart());
    }

    /** Every login may use every mailbox. */
    static SenderRule anySender() {
        return (login, sender) -> true;
    }
}

package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether a login may send in the name of a mailbox; asked on submission profiles, at MAIL and of the header of each
 * message, where the handler is asked. The null reverse-path is everyone's. RFC 6409 §6.1.
 */
@FunctionalInterface
public interface SenderRule {
    /** May block where the handler may. */
    boolean owns(String login, Mailbox sender);

    /**
     * Whether the login may send a message whose header says that it is from these; asked once the content is whole, and
     * before the sink is told so. Unless overridden every one of them has to be owned: whoever reads the message sees From
     * and not the envelope, so that one author too many is one forged. A service whose users send for others takes less:
     *
     * <pre>{@code
     * return sender.map(s -> owns(login, s)).orElseGet(() -> from.stream().anyMatch(f -> owns(login, f)));
     * }</pre>
     *
     * <p>A message without From is given one of the reverse-path, which is owned; one that has several, or in which no
     * address can be read, is refused with {@code 550 5.6.0}, and asked about nobody. May block where the handler may.
     *
     * @param from the mailboxes in From, one at least
     * @param sender the mailbox in Sender
     */
    default boolean ownsHeader(String login, List<Mailbox> from, Optional<Mailbox> sender) {
        return Stream.concat(from.stream(), sender.stream()).allMatch(each -> owns(login, each));
    }

    /**
     * The login is the mailbox, or its local part where the domain is one of these. The case of ASCII letters is not
     * regarded.
     */
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

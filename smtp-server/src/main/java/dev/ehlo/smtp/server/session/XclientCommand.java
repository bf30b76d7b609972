package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.ClientAttribute;
import dev.ehlo.smtp.codec.ClientAttributes;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * XCLIENT: a proxy or filter that is trusted tells whom it speaks for, as Postfix's XCLIENT_README has it. PROTO isn't
 * taken, as the client's EHLO or HELO comes again; nor is LOGIN: who may name addresses may not therefore act for every
 * user.
 */
final class XclientCommand {
    private static final Set<ClientAttribute> TAKEN = EnumSet.of(
            ClientAttribute.NAME,
            ClientAttribute.ADDR,
            ClientAttribute.PORT,
            ClientAttribute.HELO,
            ClientAttribute.DESTADDR,
            ClientAttribute.DESTPORT);
    /** An address that is not known: nobody's, so that nobody is trusted because of it. */
    private static final InetAddress NOBODY = new InetSocketAddress("0.0.0.0", 0).getAddress();

    private final Conversation conversation;

    XclientCommand(Conversation conversation) {
        this.conversation = conversation;
    }

    /** The reply to EHLO, with what only those may use who are trusted. */
    EncodedReply offeredIn(EncodedReply ehlo) {
        if (!conversation.driver.mayNameClients()) {
            return ehlo;
        }
        String[] attributes = TAKEN.stream().map(ClientAttribute::name).toArray(String[]::new);
        Capabilities offers = Capabilities.of(ehlo.reply()).with(Verb.XCLIENT.name(), attributes);
        return new EncodedReply(offers.toReply(conversation.role.server().hostname()));
    }

    /** Who the client is now, of whom the session is to begin anew; null if that was refused. */
    @Nullable
    SessionInfo client(Command command) {
        if (conversation.role.profile().xclientNetworks().isEmpty()) {
            conversation.refuse(Replies.NOT_IMPLEMENTED);
        } else if (!conversation.driver.mayNameClients()) {
            conversation.refuse(Replies.XCLIENT_DENIED);
        } else if (conversation.transaction != null || conversation.content != null) {
            conversation.refuse(Replies.NESTED_MAIL);
        } else {
            return client(ClientAttributes.parse(Verb.XCLIENT, command.copyArgument())
                    .filter(given -> TAKEN.containsAll(given.values().keySet())));
        }
        return null;
    }

    private @Nullable SessionInfo client(Optional<ClientAttributes> given) {
        if (given.isEmpty()) {
            conversation.refuse(Replies.BAD_ATTRIBUTE);
            return null;
        }
        SessionInfo before = conversation.info;
        SessionInfo client = named(before, given.get());
        InetAddress address = client.remoteAddress().getAddress();
        Refusal refusal =
                address.equals(before.remoteAddress().getAddress()) ? null : conversation.driver.admit(address);
        if (refusal != null) {
            conversation.end(Replies.toConnection(refusal));
            return null;
        }
        return client;
    }

    private static SessionInfo named(SessionInfo before, ClientAttributes given) {
        SessionInfo client = before.ofClient(
                address(given, ClientAttribute.ADDR, ClientAttribute.PORT, before.remoteAddress()),
                address(given, ClientAttribute.DESTADDR, ClientAttribute.DESTPORT, before.localAddress()));
        String name = given.values().get(ClientAttribute.NAME);
        if (name != null) {
            client = client.withClientName(
                    name.equals(ClientAttributes.TEMPUNAVAIL)
                            ? CompletableFuture.failedFuture(new IOException("the proxy could not tell the name"))
                            : CompletableFuture.completedFuture(given.value(ClientAttribute.NAME)));
        }
        return given.values().containsKey(ClientAttribute.HELO)
                ? client.withClientHelo(given.value(ClientAttribute.HELO).orElse(""))
                : client;
    }

    /** What is not told stays as it was, but for the port of another address. */
    private static InetSocketAddress address(
            ClientAttributes given, ClientAttribute address, ClientAttribute port, InetSocketAddress before) {
        InetAddress other =
                given.isUnavailable(address) ? NOBODY : given.toAddress(address).orElse(before.getAddress());
        boolean same = !given.values().containsKey(address) && !given.values().containsKey(port);
        return new InetSocketAddress(other, given.toPort(port).orElse(same ? before.getPort() : 0));
    }
}

package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ProxyHeader;
import dev.ehlo.smtp.codec.ProxyHeaderParser;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.limit.Place;
import dev.ehlo.smtp.server.session.Replies;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins a connection where proxies are trusted: one from their networks has to say first, in clear, whom it speaks for,
 * by the PROXY protocol; from others, who could say anything, none is taken. Then a {@link ServerConnection} goes on,
 * under TLS if the port is so. Used on its connection's loop, but for what says otherwise.
 *
 * <pre>
 *     accepted ─ not from a proxy ────────────────┬─→ ServerConnection, in clear or under implicit TLS
 *         └─ from one: header awaited ─ it names ─┘
 *                         └─ malformed, late, none: closed without a word
 * </pre>
 */
public final class ProxiedConnection implements ConnectionHandler, LiveConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ProxiedConnection.class);

    /** For the whole header; the specification of the protocol asks for 3 seconds at least, §2. */
    static final Duration HEADER_TIME = Duration.ofSeconds(5);

    private final ServerRuntime server;
    private final Role role;
    private final String id;
    private final ProxyHeaderParser parser = new ProxyHeaderParser();
    private final ProxyHeader header = new ProxyHeader();
    /** Who goes on with a connection that comes from no proxy. */
    private @Nullable ServerConnection direct;

    private volatile @Nullable EventLoop loop;
    private @Nullable Connection connection;
    private @Nullable Place place;
    /** Another one has taken over. */
    private boolean replaced;

    /** A handler for a connection about to be accepted. */
    public ProxiedConnection(ServerRuntime server, Role role) {
        this.server = server;
        this.role = role;
        this.id = server.ids().get();
    }

    @Override
    public void accepted(Connection accepted) {
        if (!role.wantsProxyHeaderFrom(accepted.remoteAddress().getAddress())) {
            direct = new ServerConnection(server, role, id);
            direct.accepted(accepted);
            return;
        }
        connection = accepted;
        loop = accepted.loop();
        Place asked = server.admission().place();
        Refusal refusal = server.strain().shedsConnections() ? Refusal.OVERLOAD : asked.takeUnnamed();
        if (refusal != null) {
            refused(refusal, accepted.remoteAddress());
            accepted.close();
            return;
        }
        place = asked;
        server.live().add(this);
    }

    @Override
    public void opened(Connection opened) {
        if (direct == null) {
            opened.deadline(HEADER_TIME.toNanos());
        } else if (role.profile().tls() == TlsMode.IMPLICIT) {
            opened.startTls(Objects.requireNonNull(server.tls()), direct);
        } else {
            opened.handOver(direct);
        }
    }

    @Override
    public void received(Connection from, ByteBuffer in) {
        ParseResult result = parser.parse(in, header);
        switch (result) {
            case INCOMPLETE:
                break;
            case COMPLETE:
                named(from, in.hasRemaining());
                break;
            case MALFORMED, OVERLONG:
                refuse(from, String.valueOf(result == ParseResult.MALFORMED ? header.error() : result));
                break;
        }
    }

    private void named(Connection on, boolean isMoreThere) {
        InetSocketAddress remote = header.toSource().orElse(on.remoteAddress());
        InetSocketAddress local = header.toDestination().orElse(on.localAddress());
        LOG.debug("session {}: {} speaks for {}", id, on.remoteAddress(), remote);
        boolean named = header.toSource().isPresent();
        boolean implicit = role.profile().tls() == TlsMode.IMPLICIT;
        Place held = Objects.requireNonNull(place);
        boolean counts = named && !role.takesXclientFrom(remote.getAddress());
        Refusal refusal = counts ? held.countFor(remote.getAddress()) : null;
        if (refusal != null) {
            refused(refusal, remote);
            if (implicit) {
                on.close();
            } else {
                ServerConnection.refuse(on, Replies.toConnection(refusal));
            }
            return;
        }
        if (isMoreThere && !implicit && role.isSilenceAwaited()) {
            refused(Refusal.EARLY_TALKER, remote);
            ServerConnection.refuse(on, Replies.TALKED_EARLY);
            return;
        }
        SessionInfo client = SessionInfo.of(id, remote, local, role.profile().name(), server.names());
        ServerConnection next =
                new ServerConnection(server, role, client, on, held, null, SessionTally.begin(server, client));
        replaced = true;
        server.live().remove(this);
        server.live().add(next);
        if (implicit) {
            on.startImplicitTls(Objects.requireNonNull(server.tls()), next);
        } else {
            on.handOver(next);
        }
    }

    private void refuse(Connection proxy, String reason) {
        LOG.debug("session {}: no PROXY header from {}: {}", id, proxy.remoteAddress(), reason);
        refused(Refusal.NO_PROXY_HEADER, proxy.remoteAddress());
        proxy.close();
    }

    private void refused(Refusal reason, InetSocketAddress remote) {
        server.events().refused(reason, remote, role.profile().name());
    }

    @Override
    public void inputEnded(Connection ended) {
        refuse(ended, "the connection ended");
    }

    @Override
    public void deadlineReached(Connection late) {
        refuse(late, "not in time");
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        if (direct != null) {
            direct.closed(gone, cause);
            return;
        }
        LOG.debug("session {}: closed, {}", id, cause.kind());
        server.live().remove(this);
        if (place != null) {
            place.giveBack();
        }
    }

    @Override
    public void drain() {
        onLoop(() -> {
            if (!replaced) {
                Objects.requireNonNull(connection).close();
            }
        });
    }

    @Override
    public void abort() {
        onLoop(() -> Objects.requireNonNull(connection).abort());
    }

    private void onLoop(Runnable task) {
        try {
            Objects.requireNonNull(loop).execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("session {}: the loop is gone", id);
        }
    }
}

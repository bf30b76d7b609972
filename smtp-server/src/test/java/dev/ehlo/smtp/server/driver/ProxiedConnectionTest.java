package dev.ehlo.smtp.server.driver;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageIds;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SenderRule;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.limit.Admission;
import dev.ehlo.smtp.server.limit.LoginGuard;
import dev.ehlo.smtp.server.sasl.SaslMechanisms;
import dev.ehlo.smtp.server.session.HandlerCalls;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.server.session.ServerSettings;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The time that a header has, told by the test. */
class ProxiedConnectionTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final List<String> calls = new ArrayList<>();
    private final Admission admission = new Admission(ServerLimits.STANDARD.maxConnections(1), List.of(), () -> 0);
    private final LiveConnections live = new LiveConnections();
    private final Connection connection = (Connection) Proxy.newProxyInstance(
            Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                switch (method.getName()) {
                    case "remoteAddress", "localAddress":
                        return new InetSocketAddress("192.0.2.7", 40007);
                    case "loop":
                        return null;
                    default:
                        calls.add(method.getName() + (arguments == null ? "" : Arrays.toString(arguments)));
                        return null;
                }
            });

    @ParameterizedTest
    @EnumSource
    void givesTheWholeHeaderOneTimeAndClosesWithoutAWordBehindIt(TlsMode mode) {
        Profile profile = Profile.mx().tls(mode).proxyFrom(List.of(Network.parse("192.0.2.0/24")));
        ServerRuntime runtime = new ServerRuntime(
                null,
                Workers.start("proxied-connection-test"),
                () -> "id1",
                admission,
                live,
                client -> CompletableFuture.completedFuture(Optional.empty()),
                StrainWatch.start(List.of(), new Listeners(List.of())),
                new Listeners(List.of()),
                System::nanoTime);
        ProxiedConnection proxied = new ProxiedConnection(runtime, new Role(settings(), profile));
        proxied.accepted(connection);
        proxied.opened(connection);
        assertThat(live.count()).isEqualTo(1);
        assertThat(admission.place().takeUnnamed()).isEqualTo(Refusal.TOO_MANY_CONNECTIONS);
        // A drip does not make it longer.
        ByteBuffer header = ByteBuffer.wrap("PROXY TCP4 198.51.100.7 203.".getBytes(US_ASCII));
        for (int octets = 1; octets <= header.capacity(); octets++) {
            proxied.received(connection, header.limit(octets));
            assertThat(header.position()).isZero();
        }
        assertThat(calls).containsExactly("deadline[" + 5 * SECOND + "]");
        proxied.deadlineReached(connection);
        assertThat(calls).last().isEqualTo("close");
        assertThat(calls).hasSize(2);
        proxied.closed(connection, new CloseCause(CloseCause.Kind.LOCAL, null));
        assertThat(live.count()).isZero();
        assertThat(admission.place().takeUnnamed()).isNull();
        runtime.workers().close();
    }

    private static ServerSettings settings() {
        return new ServerSettings(
                "mx.example.org",
                HandlerCalls.inline(new MailRoom()),
                new SaslMechanisms((login, password) -> Optional.empty(), "", new byte[16], () -> "nonce"),
                SenderRule.anySender(),
                Set.of(),
                List.of(),
                Set.of(),
                true,
                InstantSource.system(),
                new MessageIds("mx.example.org", InstantSource.system(), new Random()),
                new LoginGuard(ServerLimits.STANDARD, Set.of(), () -> 0));
    }
}

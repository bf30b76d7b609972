package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing but the loop touches a connection. */
@Timeout(60)
class OwnershipTest {
    private static final Set<String> OF_ANY_THREAD = Set.of("loop", "remoteAddress");

    @Test
    void assertsThatAConnectionIsUsedOnItsLoop() throws Exception {
        try (Reactor reactor = Reactor.start("ownership-test", 2)) {
            Loopback.Recorder handler = new Loopback.Recorder();
            try (Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> handler);
                    Socket socket = Loopback.connect(listener)) {
                Connection connection = next(handler.opened);
                for (Method method : Connection.class.getMethods()) {
                    if (!OF_ANY_THREAD.contains(method.getName())) {
                        assertRefused(connection, method);
                    }
                }
                assertThat(connection.remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
                assertThat(connection.loop().isInLoop()).isFalse();
            }
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
            assertThat(handler.events).isEmpty();
            Loopback.awaitNoBufferLent(reactor);
        }
    }

    private static void assertRefused(Connection connection, Method method) {
        Object[] arguments = List.of(method.getParameterTypes()).stream()
                .map(type -> type == int.class
                        ? (Object) 0
                        : type == long.class ? (Object) 0L : type.isArray() ? new ByteBuffer[0] : null)
                .toArray();
        assertThatThrownBy(() -> method.invoke(connection, arguments))
                .as(method.getName())
                .isInstanceOf(InvocationTargetException.class)
                .hasCauseInstanceOf(AssertionError.class);
    }
}

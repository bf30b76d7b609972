package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a test, and the methods before and after it, a started {@link ScriptedPeer} for a parameter: one peer for each
 * test, closed after it, so that a client that deviated fails the test.
 *
 * <pre>{@code
 * @ExtendWith(SmtpPeerExtension.class)
 * class NewsletterTest {
 *     @Test
 *     void greetsEachSubscriber(ScriptedPeer peer) throws Exception {
 *         new Newsletter(peer.address()).send();
 *         assertEquals(2, peer.awaitMessages(2, Duration.ofSeconds(5)).size());
 *     }
 * }
 * }</pre>
 */
public final class SmtpPeerExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(SmtpPeerExtension.class);

    /** Keeps the peer from JUnit, which would close it a second time. */
    private record Started(ScriptedPeer peer) {}

    private final ScriptedPeer.Builder builder;

    /** Peers that accept everything, in clear. */
    public SmtpPeerExtension() {
        this(ScriptedPeer.builder());
    }

    /** Peers set up as this builder says; for {@code @RegisterExtension}. */
    public SmtpPeerExtension(ScriptedPeer.Builder builder) {
        this.builder = builder;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == ScriptedPeer.class
                && parameter.getDeclaringExecutable() instanceof Method
                && context.getTestMethod().isPresent();
    }

    @Override
    public ScriptedPeer resolveParameter(ParameterContext parameter, ExtensionContext context) {
        ExtensionContext.Store store = context.getStore(NAMESPACE);
        Started started = store.get(this, Started.class);
        if (started == null) {
            try {
                started = new Started(builder.start());
            } catch (IOException e) {
                throw new ParameterResolutionException("no peer could be started", e);
            }
            store.put(this, started);
        }
        return started.peer();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Started started = context.getStore(NAMESPACE).remove(this, Started.class);
        if (started != null) {
            started.peer().close();
        }
    }
}

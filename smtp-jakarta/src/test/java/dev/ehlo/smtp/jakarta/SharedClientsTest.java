package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.client.ConnectionReport;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import jakarta.mail.MessagingException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The life of clients that nobody closes. */
class SharedClientsTest extends TransportRig {
    @Test
    void closesAClientThatNobodyUses() throws Exception {
        SharedClients clients = new SharedClients(Duration.ofMillis(100));
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            ServerOptions server = server(peer);
            assertThat(connect(clients, server).stands()).isTrue();
            peer.awaitCommand("QUIT", PATIENCE);
            await().atMost(PATIENCE).until(() -> clients.count() == 0);
            assertThat(connect(clients, server).stands()).isTrue();
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void keepsAClientAsLongAsItIsUsed() throws Exception {
        SharedClients clients = new SharedClients(Duration.ofMillis(1));
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            ServerOptions server = server(peer);
            clients.use(server, agent -> {
                ConnectionReport report = agent.connect().join();
                // Another use ends meanwhile, and a sweep comes.
                connect(clients, server);
                assertThat(clients.count()).isEqualTo(1);
                assertThat(agent.connect().join().stands()).isTrue();
                return report;
            });
            await().atMost(PATIENCE).until(() -> clients.count() == 0);
        }
    }

    private ServerOptions server(ScriptedPeer peer) throws Exception {
        return ServerOptions.of(new Options(session(peer), "smtp"), "127.0.0.1", peer.port(), false);
    }

    private static ConnectionReport connect(SharedClients clients, ServerOptions server)
            throws MessagingException, InterruptedException {
        return clients.use(server, agent -> agent.connect().join());
    }
}

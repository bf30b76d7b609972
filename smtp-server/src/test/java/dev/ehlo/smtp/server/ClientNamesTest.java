package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ClientNamesTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress(address(192, 0, 2, 7), 40000);
    private static final InetSocketAddress LOCAL = new InetSocketAddress(address(192, 0, 2, 1), 25);

    private static SessionInfo session(ClientNames names) {
        return SessionInfo.of("id1", CLIENT, LOCAL, "mx", names);
    }

    private static ClientNames always(String name) {
        return client -> CompletableFuture.completedFuture(Optional.of(name));
    }

    @Test
    void looksNothingUpUntilAskedAndThenOnceForTheConnection() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        SessionInfo connected = session(client -> {
            assertThat(client).isEqualTo(CLIENT.getAddress());
            asked.incrementAndGet();
            return answer;
        });
        SessionInfo later = connected.greetedBy("x", true).loggedIn("alice");
        assertThat(later.clientName()).isEmpty();
        assertThat(asked).hasValue(0);
        CompletableFuture<Optional<String>> first = later.findClientName().toCompletableFuture();
        assertThat(connected.findClientName(Duration.ofMillis(1))).isEmpty();
        assertThat(first).isNotDone();
        // Whoever asks completes his own stage only.
        first.complete(Optional.of("evil.example"));
        answer.complete(Optional.of("mail.example."));
        assertThat(connected.clientName()).contains("mail.example");
        assertThat(later.findClientName(Duration.ofSeconds(20))).contains("mail.example");
        assertThat(asked).hasValue(1);
    }

    @Test
    void asksAnewForAnotherClientUnlessItIsTold() throws Exception {
        InetSocketAddress other = new InetSocketAddress(address(192, 0, 2, 8), 1);
        SessionInfo proxy = session(client -> CompletableFuture.completedFuture(
                Optional.of(client.equals(other.getAddress()) ? "client.example" : "proxy.example")));
        assertThat(proxy.findClientName(Duration.ofSeconds(20))).contains("proxy.example");
        SessionInfo client = proxy.ofClient(other, LOCAL);
        assertThat(client.clientName()).isEmpty();
        assertThat(client.findClientName(Duration.ofSeconds(20))).contains("client.example");
        assertThat(proxy.clientName()).contains("proxy.example");
        SessionInfo told = proxy.withClientName(CompletableFuture.completedFuture(Optional.of("Told.example")));
        assertThat(told.clientName()).contains("told.example");
        assertThat(told.ofClient(other, LOCAL).clientName()).contains("told.example");
    }

    @Test
    void tellsAFailureToWhoTakesTheStageAndNoNameToWhoWaits() throws Exception {
        ClientNames failing = client -> CompletableFuture.failedFuture(new IOException("no answer"));
        ClientNames throwing = client -> {
            throw new IllegalStateException("a defect");
        };
        for (ClientNames names : new ClientNames[] {failing, throwing}) {
            SessionInfo session = session(names);
            assertThatThrownBy(
                            () -> session.findClientName().toCompletableFuture().get(20, TimeUnit.SECONDS))
                    .hasRootCauseInstanceOf(names.equals(failing) ? IOException.class : IllegalStateException.class);
            assertThat(session.findClientName(Duration.ofSeconds(20))).isEmpty();
            assertThat(session.clientName()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "mail.example..",
                "-mail.example",
                "mail_1.example",
                "mail.example\r\nX: y",
                "\\013\\010.example",
                "\033[2J.example",
                "a b.example",
                "a)b.example",
                "m\u00e4il.example",
                "192.0.2.7",
                "2001:db8::7",
                "[192.0.2.7]",
                "mail.7",
                "127.1",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example"
            })
    void takesNothingFromDnsThatIsNoHostName(String name) throws Exception {
        assertThat(session(always(name)).findClientName(Duration.ofSeconds(20))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "mail.example, mail.example",
        "MAIL.Example., mail.example",
        "localhost, localhost",
        "7.2.0.192.dyn.isp.example, 7.2.0.192.dyn.isp.example",
        "xn--mller-kva.example, xn--mller-kva.example"
    })
    void takesHostNamesInLowerCase(String name, String taken) throws Exception {
        assertThat(session(always(name)).findClientName(Duration.ofSeconds(20))).contains(taken);
    }

    @Test
    void confirmsANameWhoseAddressesContainTheClients() throws Exception {
        ClientNames names = new SystemNames(
                client -> "mail.example", name -> new InetAddress[] {address(198, 51, 100, 1), CLIENT.getAddress()});
        assertThat(names.confirmed(CLIENT.getAddress()).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .contains("mail.example");
        assertThat(names.confirmed(LOCAL.getAddress()).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEmpty();
    }

    @Test
    void confirmsNoNameWithoutAnAddressAndAsksForNoneThatIsNoHostName() throws Exception {
        ClientNames unknown = new SystemNames(client -> "mail.example", name -> {
            throw new UnknownHostException(name);
        });
        assertThat(unknown.confirmed(CLIENT.getAddress()).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEmpty();
        ClientNames literal = new SystemNames(InetAddress::getHostAddress, name -> {
            throw new AssertionError("asked for " + name);
        });
        assertThat(literal.confirmed(CLIENT.getAddress()).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEmpty();
    }

    /** What the JDK finds it keeps in the object that it was asked with, and shows it in log lines. */
    @Test
    void leavesTheAddressOfTheSessionWithoutAName() throws Exception {
        InetAddress client = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        ClientNames.system().confirmed(client).toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(client.toString()).isEqualTo("/127.0.0.1");
    }

    @Test
    void boundsTheLookUpsUnderWay() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        ClientNames slow = new SystemNames(
                client -> {
                    TestServers.await(answered);
                    return "mail.example";
                },
                name -> new InetAddress[] {CLIENT.getAddress()});
        CompletableFuture<Optional<String>> first =
                slow.confirmed(CLIENT.getAddress()).toCompletableFuture();
        CompletableFuture<Optional<String>> last = first;
        for (int i = 0; i < 5000 && !last.isCompletedExceptionally(); i++) {
            last = slow.confirmed(CLIENT.getAddress()).toCompletableFuture();
        }
        assertThat(last).isCompletedExceptionally();
        answered.countDown();
        assertThat(first.get(20, TimeUnit.SECONDS)).contains("mail.example");
    }

    private static InetAddress address(int... octets) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {(byte) octets[0], (byte) octets[1], (byte) octets[2], (byte) octets[3]});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}

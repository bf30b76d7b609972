package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.server.ClientRates;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final ServerLimits LIMITS =
            ServerLimits.STANDARD.maxConnections(6).connectionsPerAddress(2).connectionsPerNetwork(3);
    private static final List<Network> TRUSTED = List.of(Network.parse("198.51.100.0/24"));

    private long now = Long.MAX_VALUE - Duration.ofSeconds(30).toNanos(); // it overflows while the tests run
    private Admission admission = admission(LIMITS);
    private final List<Place> places = new ArrayList<>();

    private Admission admission(ServerLimits limits) {
        return new Admission(limits, TRUSTED, () -> now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private static InetAddress at(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Why not; null if it was let in, and is the last of the places then. */
    private @Nullable Refusal come(String address) {
        Place place = admission.place();
        Refusal refusal = place.take(at(address));
        if (refusal == null) {
            places.add(place);
        }
        return refusal;
    }

    private Place last() {
        return places.get(places.size() - 1);
    }

    @Test
    void boundsTheConnectionsOfOneAddress() {
        assertThat(come("192.0.2.1")).isNull();
        assertThat(come("192.0.2.1")).isNull();
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
        assertThat(come("192.0.3.1")).isNull();
        places.get(0).giveBack();
        assertThat(come("192.0.2.1")).isNull();
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
    }

    @Test
    void boundsTheConnectionsOfOneNetwork() {
        for (int i = 1; i <= 3; i++) {
            assertThat(come("192.0.2." + i)).isNull();
        }
        assertThat(come("192.0.2.4")).isEqualTo(Refusal.TOO_MANY_OF_NETWORK);
        last().giveBack();
        assertThat(come("192.0.2.4")).isNull();
        assertThat(come("2001:db8:0:1::1")).isNull();
        assertThat(come("2001:db8:0:2::1")).isNull();
        assertThat(come("2001:db8:0:3::1")).isNull();
        last().giveBack();
        assertThat(come("2001:db8:0:3::1")).isNull();
    }

    @Test
    void boundsTheConnectionsInAllOfATrustedNetworkToo() {
        for (int i = 0; i < 6; i++) {
            assertThat(come("198.51.100.1")).isNull();
        }
        assertThat(come("198.51.100.1")).isEqualTo(Refusal.TOO_MANY_CONNECTIONS);
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_CONNECTIONS);
        last().giveBack();
        last().giveBack(); // said twice, it is given back once
        assertThat(come("192.0.2.1")).isNull();
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_CONNECTIONS);
    }

    @Test
    void takesAnIpv6NetworkOf64BitsForOneAddress() {
        assertThat(come("2001:db8::1")).isNull();
        assertThat(come("2001:db8::2")).isNull();
        assertThat(come("2001:db8::3")).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
        assertThat(come("2001:db8:0:1::1")).isNull();
    }

    @Test
    void countsNobodyWhoIsNotLetIn() {
        come("192.0.2.1");
        come("192.0.2.1");
        for (int i = 0; i < 100; i++) {
            assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
        }
        assertThat(come("192.0.2.2")).isNull();
    }

    @Test
    void turnsAwayWhoIsDeniedAndCountsNotWhoIsAllowed() {
        admission = admission(LIMITS.deny(List.of(Network.parse("10.0.0.0/8"), Network.parse("10.1.1.1")))
                .allow(List.of(Network.parse("10.1.0.0/16"), Network.parse("2001:db8::/32"))));
        assertThat(come("10.2.0.1")).isEqualTo(Refusal.DENIED);
        assertThat(come("10.1.1.1")).isEqualTo(Refusal.DENIED);
        for (int i = 0; i < 5; i++) {
            assertThat(come(i < 3 ? "10.1.1.2" : "2001:db8::1")).isNull();
        }
        assertThat(last().countFor(at("10.2.0.1"))).isEqualTo(Refusal.DENIED);
        assertThat(come("192.0.2.1")).isNull();
    }

    @Test
    void limitsHowOftenAnAddressAndANetworkConnect() {
        ClientRates address = ClientRates.UNLIMITED.connections(Rate.perMinute(6));
        admission = admission(ServerLimits.STANDARD
                .perAddress(address)
                .perNetwork(ClientRates.UNLIMITED.connections(Rate.perMinute(12))));
        for (int i = 0; i < 6; i++) {
            assertThat(come("192.0.2.1")).isNull();
        }
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.CONNECTION_RATE);
        for (int i = 0; i < 6; i++) {
            assertThat(come("192.0.2." + (10 + i))).isNull();
        }
        assertThat(come("192.0.2.2")).isEqualTo(Refusal.CONNECTION_RATE);
        assertThat(come("192.0.3.1")).isNull();
        assertThat(come("198.51.100.1")).isNull();
        pass(Duration.ofSeconds(10));
        assertThat(come("192.0.2.1")).isNull();
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.CONNECTION_RATE);
    }

    @Test
    void takesFromAllRatesOfAMessageOrFromNone() {
        admission = admission(ServerLimits.STANDARD
                .perAddress(ClientRates.UNLIMITED.messages(Rate.perMinute(4)))
                .perNetwork(ClientRates.UNLIMITED.messages(Rate.perMinute(5)))
                .perLogin(ClientRates.UNLIMITED.messages(Rate.perMinute(3))));
        come("192.0.2.1");
        Place first = last();
        first.loggedIn("alice");
        come("192.0.2.2");
        Place second = last();
        second.loggedIn("alice");
        for (int i = 0; i < 3; i++) {
            assertThat(first.messageWait()).isZero();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(first.messageWait()).isEqualTo(Duration.ofSeconds(20).toNanos());
            assertThat(second.messageWait()).isEqualTo(Duration.ofSeconds(20).toNanos());
        }
        first.loggedOut();
        second.loggedIn("bob");
        assertThat(first.messageWait()).isZero(); // the fourth of the address
        assertThat(first.messageWait()).isEqualTo(Duration.ofSeconds(15).toNanos());
        assertThat(second.messageWait()).isZero(); // the fifth of the network
        assertThat(second.messageWait()).isEqualTo(Duration.ofSeconds(12).toNanos());
        assertThat(second.recipientWait()).isZero();
    }

    @Test
    void limitsALoginWhereverItComesFrom() {
        admission = admission(ServerLimits.STANDARD.perLogin(ClientRates.UNLIMITED.recipients(Rate.perHour(10))));
        int taken = 0;
        for (int i = 0; i < 20; i++) {
            come(i % 2 == 0 ? "198.51.100." + i : "192.0." + i + ".1");
            last().loggedIn("alice");
            taken += last().recipientWait() == 0 ? 1 : 0;
            last().giveBack();
        }
        assertThat(taken).isEqualTo(10);
    }

    @Test
    void forgetsALoginWithItsClient() {
        admission = admission(ServerLimits.STANDARD.perLogin(ClientRates.UNLIMITED.messages(Rate.perHour(1))));
        come("192.0.2.1");
        last().loggedIn("alice");
        assertThat(last().messageWait()).isZero();
        assertThat(last().messageWait()).isPositive();
        assertThat(last().countFor(at("192.0.2.2"))).isNull();
        assertThat(last().messageWait()).isZero();
    }

    @Test
    void staysBoundedWhoeverComes() throws UnknownHostException {
        admission = admission(ServerLimits.STANDARD);
        int in = 0;
        for (int i = 0; i < 1_000_000; i++) {
            Place place = admission.place();
            byte[] octets = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
            in += place.take(InetAddress.getByAddress(octets)) == null ? 1 : 0;
            place.giveBack();
        }
        assertThat(in).isEqualTo(1_000_000);
        assertThat(admission.addresses.places()).isEqualTo(1 << 16);
        assertThat(admission.networks.places()).isEqualTo(1 << 16);
        assertThat(come("10.0.0.1")).isNull();
    }

    @Test
    void letsInAsManyAsThereMayBeWhenAllComeAtOnce() throws InterruptedException {
        admission = admission(ServerLimits.STANDARD
                .maxConnections(50)
                .connectionsPerAddress(20)
                .perAddress(ClientRates.UNLIMITED.messages(Rate.perHour(1000)))
                .perNetwork(ClientRates.UNLIMITED));
        InetAddress client = at("192.0.2.1");
        AtomicInteger in = new AtomicInteger();
        AtomicInteger messages = new AtomicInteger();
        AtomicInteger tooMany = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int turn = 0; turn < 2000; turn++) {
                    Place place = admission.place();
                    if (place.take(client) == null) {
                        if (in.incrementAndGet() > 20) {
                            tooMany.incrementAndGet();
                        }
                        messages.addAndGet(place.messageWait() == 0 ? 1 : 0);
                        in.decrementAndGet();
                        place.giveBack();
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(tooMany).hasValue(0);
        assertThat(messages).hasValue(1000);
        for (int i = 0; i < 20; i++) {
            assertThat(come("192.0.2.1")).isNull();
        }
        assertThat(come("192.0.2.1")).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
    }
}

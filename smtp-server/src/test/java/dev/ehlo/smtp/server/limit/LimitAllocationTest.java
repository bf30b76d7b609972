package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.server.ClientRates;
import dev.ehlo.smtp.server.ServerLimits;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What limits cost in objects, by the JVM's own count of this thread. */
class LimitAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 1000;
    private static final int OCTETS_PER_CONNECTION = 128;

    private long waits;

    private static long allocated(Runnable run) {
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 50 && least > 0; attempt++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < ROUNDS; i++) {
                run.run();
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        return least;
    }

    private static Admission admission() {
        ClientRates rates =
                new ClientRates(new Rate(1_000_000, Duration.ofHours(1)), Rate.perHour(100), Rate.perHour(1_000_000));
        ServerLimits limits =
                ServerLimits.STANDARD.perAddress(rates).perNetwork(rates).perLogin(rates);
        return new Admission(limits, List.of(), System::nanoTime);
    }

    private static InetAddress client() {
        try {
            return InetAddress.getByName("192.0.2.1");
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void messagesAndRecipientsAllocateNothingWhetherTheyMayComeOrNot() {
        Place place = admission().place();
        assertThat(place.take(client())).isNull();
        place.loggedIn("alice");
        assertThat(allocated(() -> waits += place.messageWait() + place.recipientWait()))
                .isZero();
        assertThat(waits).isPositive();
    }

    @Test
    void aConnectionOfAKnownAddressAllocatesItsPlaceAndLittleElse() {
        Admission admission = admission();
        InetAddress client = client();
        assertThat(allocated(() -> {
                    Place place = admission.place();
                    waits += Objects.hashCode(place.take(client));
                    place.giveBack();
                }))
                .isLessThanOrEqualTo((long) OCTETS_PER_CONNECTION * ROUNDS);
    }
}

package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ManualClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailedAddressesTest {
    private static final Duration FIRST = Duration.ofNanos(FailedAddresses.FIRST_NANOS);

    private final ManualClock clock = new ManualClock();
    private final FailedAddresses failed = new FailedAddresses(clock::nanoTime);

    @Test
    void putsThoseThatFailedBehindTheOthersAndLeavesNoneOut() {
        failed.failed(address(1));
        failed.failed(address(3));
        assertThat(failed.atTheEnd(List.of(address(1), address(2), address(3), address(4))))
                .containsExactly(address(2), address(4), address(1), address(3));
        assertThat(failed.atTheEnd(List.of(address(1), address(3)))).containsExactly(address(1), address(3));
    }

    @Test
    void forgetsAfterAMinute() {
        failed.failed(address(1));
        clock.advance(FIRST.minusNanos(1));
        assertThat(failed.isFailed(address(1))).isTrue();
        clock.advance(Duration.ofNanos(1));
        assertThat(failed.isFailed(address(1))).isFalse();
    }

    @Test
    void remembersTwiceAsLongWithEachFailureInARowUpToAnEnd() {
        Duration time = FIRST;
        for (int i = 1; i <= FailedAddresses.MAX_IN_A_ROW + 3; i++) {
            failed.failed(address(1));
            clock.advance(time.minusNanos(1));
            assertThat(failed.isFailed(address(1))).isTrue();
            clock.advance(Duration.ofNanos(1));
            assertThat(failed.isFailed(address(1))).isFalse();
            time = i < FailedAddresses.MAX_IN_A_ROW ? time.multipliedBy(2) : time;
        }
        assertThat(time).isEqualTo(Duration.ofMinutes(16));
    }

    @Test
    void countsFailuresAtTheSameTimeOnce() {
        for (int i = 0; i < 10; i++) {
            failed.failed(address(1));
        }
        clock.advance(FIRST);
        assertThat(failed.isFailed(address(1))).isFalse();
    }

    @Test
    void countsFromTheBeginningAfterALongTimeOrASuccess() {
        failed.failed(address(1));
        clock.advance(FIRST.multipliedBy(2));
        failed.failed(address(1));
        clock.advance(FIRST);
        assertThat(failed.isFailed(address(1))).isFalse();
        failed.failed(address(1));
        assertThat(failed.isFailed(address(1))).isTrue();
        failed.reached(address(1));
        assertThat(failed.isFailed(address(1))).isFalse();
        assertThat(failed.size()).isZero();
    }

    @Test
    void tellsPortsApart() {
        failed.failed(address(1));
        assertThat(failed.isFailed(new InetSocketAddress(address(1).getAddress(), 26)))
                .isFalse();
    }

    @Test
    void remembersSoManyAndTheNewestAlways() {
        for (int i = 0; i < FailedAddresses.MAX + 500; i++) {
            failed.failed(address(i));
            assertThat(failed.isFailed(address(i))).isTrue();
            assertThat(failed.size()).isLessThanOrEqualTo(FailedAddresses.MAX);
        }
    }

    private static InetSocketAddress address(int number) {
        try {
            byte[] octets = {10, 0, (byte) (number >> 8), (byte) number};
            return new InetSocketAddress(InetAddress.getByAddress(octets), 25);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}

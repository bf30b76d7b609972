package dev.ehlo.smtp.mta.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnockTest {
    /** In the words of the JDK on Linux, some of a machine without IPv6. */
    @Test
    void tellsWhyNoConnectionStands() {
        Map<IOException, Reach> errors = Map.of(
                new ConnectException("Connection refused"),
                Reach.REFUSED,
                new ConnectException("Connection timed out"),
                Reach.FILTERED,
                new SocketTimeoutException("Connect timed out"),
                Reach.FILTERED,
                new NoRouteToHostException("No route to host"),
                Reach.UNREACHABLE,
                new ConnectException("Network is unreachable"),
                Reach.NO_ROUTE,
                new BindException("Cannot assign requested address"),
                Reach.NO_ROUTE,
                new ConnectException("Cannot assign requested address"),
                Reach.NO_ROUTE,
                new SocketException("Protocol family unavailable"),
                Reach.NO_ROUTE,
                new SocketException("Permission denied"),
                Reach.UNREACHABLE);
        errors.forEach((error, reach) ->
                assertThat(Knock.unreached(error)).as(error.getMessage()).isEqualTo(reach));
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.queue.Durability;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The certificate that a server makes for itself where it is given none. */
@Timeout(60)
class OwnCertificateTest {
    @TempDir
    private Path directory;

    @Test
    void isKeptUntilItExpiresAndThenMadeAnew() throws Exception {
        Clock now = Clock.systemUTC();
        String first = fingerprint(now);
        assertThat(fingerprint(Clock.offset(now, Duration.ofDays(800)))).isEqualTo(first);
        assertThat(fingerprint(Clock.offset(now, Duration.ofDays(830)))).isNotEqualTo(first);
    }

    private String fingerprint(Clock clock) throws Exception {
        Settings settings = new Settings(
                DataDirectory.at(directory),
                "mx.example.org",
                Map.of("submissions", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty(),
                RetrySchedule.standard(),
                List.of(),
                ServerLimits.STANDARD,
                LanePolicy.STANDARD,
                Optional.empty(),
                Optional.of(Durability.POWER),
                false,
                List.of(),
                false,
                Optional.empty(),
                RelayTls.STANDARD);
        try (MailServer server = MailServer.start(settings, clock)) {
            return server.tls().fingerprint();
        }
    }
}

package dev.ehlo.smtp.mta.tlsrpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.client.TlsFailure;
import dev.ehlo.smtp.client.TlsResult;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsCountsTest {
    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();
    private Path file;
    private TlsCounts counts;

    @BeforeEach
    void begin() {
        file = directory.resolve("counts");
        counts = TlsCounts.in(file, clock);
    }

    static TlsResult result(String domain, TlsFailure failure) {
        return new TlsResult(
                new TlsResult.Policy(
                        TlsResult.Type.STS, List.of("version: STSv1", "mode: testing"), domain, List.of("*." + domain)),
                "mx." + domain,
                Optional.of(InetAddress.getLoopbackAddress()),
                Optional.of(InetAddress.getLoopbackAddress()),
                Optional.ofNullable(failure),
                failure == null ? "" : "why \"it\" \\ failed");
    }

    private String told(LocalDate day, String domain) {
        return counts.policies(day, domain).toString();
    }

    @Test
    void countsByDayDomainAndKind() {
        counts.ended(result("a.example", null));
        counts.ended(result("a.example", TlsFailure.CERTIFICATE_EXPIRED));
        counts.ended(result("a.example", TlsFailure.CERTIFICATE_EXPIRED));
        counts.ended(result("b.example", null));
        assertThat(counts.over()).as("the day goes on").isEmpty();
        clock.advance(DAY);
        counts.ended(result("a.example", null));

        assertThat(counts.over()).isEqualTo(Map.of(FIRST, List.of("a.example", "b.example")));
        assertThat(told(FIRST, "a.example"))
                .contains("total-successful-session-count=1", "total-failure-session-count=2")
                .contains("result-type=certificate-expired", "failed-session-count=2");
        assertThat(told(FIRST, "b.example")).contains("session-count=1").doesNotContain("failure-details");
        counts.remove(FIRST, "a.example");
        assertThat(counts.over()).isEqualTo(Map.of(FIRST, List.of("b.example")));
        counts.remove(FIRST, "b.example");
        assertThat(counts.over()).isEmpty();
    }

    @Test
    void outlivesTheProcess() throws Exception {
        counts.ended(result("a.example", null));
        counts.ended(result("a.example", TlsFailure.STARTTLS_NOT_SUPPORTED));
        counts.ended(result("b.example", null));
        counts.keep();
        String before = told(FIRST, "a.example");

        counts = TlsCounts.in(file, clock);
        assertThat(told(FIRST, "a.example")).isEqualTo(before);
        counts.ended(result("a.example", TlsFailure.STARTTLS_NOT_SUPPORTED));
        assertThat(told(FIRST, "a.example")).contains("failed-session-count=2");
        clock.advance(DAY);
        assertThat(counts.over()).isEqualTo(Map.of(FIRST, List.of("a.example", "b.example")));
    }

    @Test
    void whatCouldNotBeKeptIsKeptLater() throws Exception {
        counts.ended(result("a.example", null));
        Path inTheWay = Files.createDirectory(directory.resolve("counts.next"));
        assertThatThrownBy(counts::keep).isInstanceOf(IOException.class);
        Files.delete(inTheWay);
        counts.keep();
        counts = TlsCounts.in(file, clock);
        assertThat(told(FIRST, "a.example")).contains("total-successful-session-count=1");
    }

    @Test
    void beginsAnewWhereItCantRead() throws Exception {
        for (String text :
                List.of("", "x", "{\"2026-01-01\":1}", "{\"yesterday\":{}}", "{\"2026-01-01\":{\"a\":{}}}")) {
            Files.writeString(file, text);
            counts = TlsCounts.in(file, clock);
            clock.advance(DAY);
            assertThat(counts.over()).as(text).isEmpty();
        }
    }

    @Test
    void isBounded() {
        for (int i = 0; i < TlsCounts.MAX_DOMAINS + 10; i++) {
            counts.ended(result("d" + i + ".example", null));
        }
        for (int i = 0; i < PolicyTally.MAX_FAILURES + 10; i++) {
            TlsResult one = result("d1.example", TlsFailure.VALIDATION_FAILURE);
            counts.ended(new TlsResult(one.policy(), "mx" + i, one.from(), one.to(), one.failure(), ""));
        }
        for (int i = 0; i < TlsCounts.MAX_POLICIES + 10; i++) {
            counts.ended(new TlsResult(
                    new TlsResult.Policy(TlsResult.Type.TLSA, List.of("3 1 1 " + i), "d2.example", List.of()),
                    "mx",
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    ""));
        }
        clock.advance(DAY);
        assertThat(counts.over().get(FIRST)).hasSize(TlsCounts.MAX_DOMAINS);
        assertThat(told(FIRST, "d1.example"))
                .contains("total-failure-session-count=" + (PolicyTally.MAX_FAILURES + 10))
                .contains("mx" + (PolicyTally.MAX_FAILURES - 1))
                .doesNotContain("mx" + PolicyTally.MAX_FAILURES);
        assertThat(counts.policies(FIRST, "d2.example")).hasSize(TlsCounts.MAX_POLICIES);
    }
}

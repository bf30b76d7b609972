package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadReportTest {
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.net", "c@example.net");

    private final LoadTally tally = new LoadTally();

    private void add(long millis, DeliveryStatus first, DeliveryStatus second, Reply reply) {
        tally.add(
                TimeUnit.MILLISECONDS.toNanos(millis),
                new DeliveryReport(List.of(
                        new RecipientOutcome(ENVELOPE.recipients().get(0), first, reply, "mx"),
                        new RecipientOutcome(ENVELOPE.recipients().get(1), second, reply, "mx"))));
    }

    private static String printed(LoadReport report) {
        StringWriter out = new StringWriter();
        report.print(new PrintWriter(out));
        return out.toString().replace(System.lineSeparator(), "\n");
    }

    @Test
    void tellsOutcomesByStatusWithTheFirstRepliesThatDiffer() {
        for (int i = 1; i <= 10; i++) {
            add(i, DeliveryStatus.RELAYED, DeliveryStatus.RELAYED, Reply.of(250, "2.0.0", "queued as " + i));
        }
        add(100, DeliveryStatus.RELAYED, DeliveryStatus.FAILED, Reply.of(550, "5.1.1", "no \"such\" user\\"));
        LoadReport report = new LoadReport(tally, 1_000_000, TimeUnit.SECONDS.toNanos(5), 0, false);
        assertThat(printed(report)).isEqualTo("""
                messages     11, 10 relayed, in 5.00 s: 2.0/s, 2.00 MB/s
                relayed      21 recipients
                             250 2.0.0 queued as 1
                             250 2.0.0 queued as 2
                             250 2.0.0 queued as 3
                             and others
                failed       1 recipient
                             550 5.1.1 no "such" user\\
                time         p50 6.029 ms, p90 10.027 ms, p99 100.000 ms, p99.9 100.000 ms, max 100.000 ms
                """);
        assertThat(report.json())
                .isEqualTo("{\"messages\":11,\"relayed\":10,\"octets\":1000000,\"seconds\":5.000,"
                        + "\"messagesPerSecond\":2.0,\"megabytesPerSecond\":2.000,"
                        + "\"milliseconds\":{\"p50\":6.029,\"p90\":10.027,\"p99\":100.000,\"p99.9\":100.000,"
                        + "\"max\":100.000},\"recipients\":{\"relayed\":21,\"failed\":1},"
                        + "\"replies\":{\"relayed\":[\"250 2.0.0 queued as 1\",\"250 2.0.0 queued as 2\","
                        + "\"250 2.0.0 queued as 3\"],\"failed\":[\"550 5.1.1 no \\\"such\\\" user\\\\\"]},"
                        + "\"behind\":0,\"interrupted\":false}");
    }

    @Test
    void tellsThatItFellBehindAndWasInterrupted() {
        LoadReport report = new LoadReport(tally, 4096, 0, 7, true);
        assertThat(printed(report))
                .contains("messages     0, 0 relayed, in 0.00 s: 0.0/s, 0.00 MB/s\n")
                .contains("behind       7 messages")
                .contains("interrupted ")
                .doesNotContain("time");
        assertThat(report.json()).contains("\"behind\":7,\"interrupted\":true}");
    }
}

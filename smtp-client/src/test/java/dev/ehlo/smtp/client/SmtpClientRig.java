package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A client, and what became of its deliveries to a smarthost over real sockets. */
@Timeout(60)
abstract class SmtpClientRig {
    static final Duration PATIENCE = Duration.ofSeconds(40);
    static final Envelope ENVELOPE = Plans.TO_TWO;
    static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("127.0.0.1", "localhost");

    final SmtpClient client = SmtpClient.builder()
            .reuse(ConnectionReuse.none())
            .localName("client.example")
            .build();

    @AfterEach
    void close() {
        client.close();
    }

    final DeliveryReport deliver(Smarthost host) throws Exception {
        return report(client, host, Plans.CONTENT);
    }

    static DeliveryReport report(SmtpClient by, Smarthost host, String content) throws Exception {
        return by.to(host)
                .deliver(ENVELOPE, MessageSource.of(content.getBytes(StandardCharsets.US_ASCII)))
                .get(30, TimeUnit.SECONDS);
    }

    static List<DeliveryStatus> statuses(DeliveryReport report) {
        return report.outcomes().stream().map(RecipientOutcome::status).toList();
    }

    static String reply(DeliveryReport report) {
        return report.outcomes().get(0).reply().toString();
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What replies, most of them as servers in wide use say them, tell of their hosts. */
class SignalTest {
    private static Reply reply(String line) {
        String[] parts = line.split(" ", 3);
        return parts[1].matches("[245][.][0-9.]+")
                ? Reply.of(Integer.parseInt(parts[0]), parts[1], parts[2])
                : Reply.of(Integer.parseInt(parts[0]), line.substring(4));
    }

    private static Signal of(DeliveryPhase phase, String... lines) {
        List<RecipientOutcome> outcomes = new ArrayList<>();
        for (String line : lines) {
            Reply reply = reply(line);
            DeliveryStatus status = reply.code() < 300
                    ? DeliveryStatus.RELAYED
                    : reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED;
            outcomes.add(new RecipientOutcome(
                    Recipient.of("b@example.net"), status, reply, RemoteHost.named("mx.test"), phase));
        }
        return Signal.of(new DeliveryReport(outcomes));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Postfix: smtpd_client_message_rate_limit, a full queue, a policy service that is away, a wrong set-up
                "MAIL     | REFUSED | 450 4.7.1 Error: too much mail from 192.0.2.1",
                "MAIL     | REFUSED | 452 4.3.1 Insufficient system storage",
                "MAIL     | REFUSED | 451 4.3.0 Temporary lookup failure",
                "MAIL     | REFUSED | 451 4.3.5 Server configuration error",
                "GREETING | REFUSED | 421 4.7.0 mx.test Error: too many connections from 192.0.2.1",
                "EHLO     | REFUSED | 450 4.7.1 Client host rejected: cannot find your hostname",
                // Sendmail
                "MAIL     | REFUSED | 452 4.4.5 Insufficient disk space; try again later",
                "MAIL     | REFUSED | 451 4.3.2 Please try again later",
                "GREETING | REFUSED | 421 4.3.2 Connection rate limit exceeded.",
                // Gmail, Microsoft, Yahoo
                "MAIL     | REFUSED | 421 4.7.28 Our system has detected an unusual rate of unsolicited mail",
                "MAIL     | REFUSED | 450 4.7.28 Our system has detected an unusual rate of unsolicited mail",
                "MAIL     | REFUSED | 451 4.7.650 The mail server has been temporarily rate limited",
                "MAIL     | REFUSED | 451 4.7.0 Temporary server error. Please try again later",
                "MAIL     | REFUSED | 421 4.7.0 [TSS04] Messages temporarily deferred",
                // Without an enhanced code: RFC 5321 §4.2.3
                "MAIL     | REFUSED | 451 Temporary local problem - please try later",
                "MAIL     | REFUSED | 452 space shortage, please try later",
                "MAIL     | ALIVE   | 450 sender verification in progress",
                // Of the sender, or of the message
                "MAIL     | ALIVE   | 450 4.1.8 <a@example.org>: Sender address rejected: Domain not found",
                "MAIL     | ALIVE   | 451 4.4.3 Temporary failure looking up the sender's domain",
                "MAIL     | ALIVE   | 451 4.7.24 SPF lookup failed temporarily",
                "MAIL     | ALIVE   | 452 4.3.4 Message too big at the moment",
                "MAIL     | ALIVE   | 450 4.2.1 later",
                "MAIL     | ALIVE   | 550 5.7.1 no",
                // Greylisting and what else is of a recipient: the same codes
                "RCPT     | ALIVE   | 450 4.7.1 <b@example.net>: Recipient address rejected: Greylisted",
                "RCPT     | ALIVE   | 451 4.7.1 Greylisting in action, please come back later",
                "RCPT     | ALIVE   | 450 4.2.0 Recipient address rejected: Greylisted",
                "RCPT     | ALIVE   | 451 Temporary local problem - please try later",
                "RCPT     | ALIVE   | 452 4.5.3 Too many recipients",
                "RCPT     | ALIVE   | 450 4.2.1 The user you are trying to contact is receiving mail at a rate",
                "DATA     | ALIVE   | 450 4.7.1 Greylisted",
                "RCPT     | REFUSED | 421 4.7.0 closing",
                "END_OF_DATA | TAKEN | 250 2.0.0 Ok",
                "EHLO     | NONE    | 554 5.7.1 no service here",
            })
    void tellsLoadFromWhatIsOfAMessage(DeliveryPhase phase, Signal signal, String reply) {
        assertThat(of(phase, reply)).isEqualTo(signal);
    }

    @Test
    void whoIsNotReachedIsOutAndNotOnlyBusy() {
        for (DeliveryPhase phase : DeliveryPhase.values()) {
            Signal signal = Signal.of(new DeliveryReport(List.of(new RecipientOutcome(
                    Recipient.of("b@example.net"),
                    DeliveryStatus.NOT_SENT,
                    Reply.of(451, "4.4.1", "gone"),
                    RemoteHost.named("mx.test"),
                    phase))));
            assertThat(signal).isEqualTo(phase == DeliveryPhase.CONNECT ? Signal.OUT : Signal.REFUSED);
            assertThat(signal.isRefusal()).isTrue();
        }
    }

    @Test
    void oneWhoWasRefusedCountsMoreThanThoseWhoWereTaken() {
        assertThat(of(DeliveryPhase.RCPT, "250 2.0.0 Ok", "421 4.7.0 closing")).isEqualTo(Signal.REFUSED);
        assertThat(of(DeliveryPhase.RCPT, "250 2.0.0 Ok", "450 4.7.1 Greylisted"))
                .isEqualTo(Signal.TAKEN);
    }
}

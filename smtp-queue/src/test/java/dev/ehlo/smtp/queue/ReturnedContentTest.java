package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a message a notice brings back. RFC 3461 §4.3. */
class ReturnedContentTest extends SchedulerRig {
    private void queue(String sender, String parameters, String content) throws Exception {
        Envelope envelope = Envelope.from(sender).to("b@example.net");
        for (String parameter : parameters.isEmpty() ? new String[0] : parameters.split(" ")) {
            String[] parts = parameter.split("=", 2);
            envelope = envelope.with(new EsmtpParameter(parts[0], parts.length > 1 ? parts[1] : null));
        }
        scheduler.accept(Mail.put(spool, envelope, content.getBytes(StandardCharsets.ISO_8859_1)));
        run();
    }

    private String returned(String sender, String parameters, String content) throws Exception {
        queue(sender, parameters, content);
        only().reply(UNKNOWN_USER);
        run();
        Attempt bounce = only();
        assertThat(bounce.envelope().reversePath().isNull()).isTrue();
        assertThat(bounce.recipients()).containsExactly(sender);
        assertThat(bounce.envelope().parameters().toString())
                .as("protected as what it tells of")
                .contains(parameters.contains("REQUIRETLS") ? "REQUIRETLS" : "");
        bounce.reply(TAKEN);
        run();
        return text(bounce);
    }

    @Test
    void returnsAllOfTheMessageWhereItIsAskedForAndFit() throws Exception {
        assertThat(returned("a@example.org", "RET=FULL", "Subject: x\r\n\r\nbody\r\n.\r\nend"))
                .contains("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nbody\r\n.\r\nend\r\n--=_")
                .doesNotContain("8bit");
        for (String unfit : List.of(
                "Subject: \u00e4\r\n\r\nbody\r\n",
                "Subject: x\r\n\r\nbody\nbody\r\n",
                "Subject: x\r\n\r\nbody\rbody\r\n",
                "Subject: x\r\n\r\nbody\0\r\n",
                "Subject: x\r\n\r\nbody" + "x".repeat(999) + "\r\n",
                "Subject: x\r\n\r\n" + "body\r\n".repeat(200_000))) {
            assertThat(returned("a@example.org", "RET=FULL", unfit))
                    .contains("text/rfc822-headers")
                    .doesNotContain("body");
        }
        for (String parameters : List.of("RET=HDRS", "", "RET=FULL REQUIRETLS", "RET=FULL BODY=BINARYMIME")) {
            assertThat(returned("a@example.org", parameters, "Subject: x\r\n\r\nbody\r\n"))
                    .contains("text/rfc822-headers")
                    .doesNotContain("body");
        }
    }

    /** Who is told by nobody has lost a message. RFC 6152 §3. */
    @Test
    void aNoticeThatAHostWithoutEightBitsDoesNotTakeGoesOnWithTheHeaderAlone() throws Exception {
        Reply noEightBits = Reply.of(554, "5.6.3", "the server does not offer 8BITMIME, and the content is not ASCII");
        queue("a@example.org", "RET=FULL BODY=8BITMIME", "Subject: x\r\n\r\nbody \u00e4\r\n");
        only().reply(UNKNOWN_USER);
        run();
        Attempt whole = only();
        assertThat(text(whole)).contains("8bit", "Content-Type: message/rfc822", "body \u00e4\r\n");
        whole.reply(noEightBits);
        run();
        Attempt less = only();
        assertThat(less.envelope().reversePath().isNull()).isTrue();
        assertThat(less.recipients()).containsExactly("a@example.org");
        assertThat(text(less))
                .isEqualTo(text(whole)
                        .replace("\r\nContent-Transfer-Encoding: 8bit", "")
                        .replace("message/rfc822", "text/rfc822-headers; charset=us-ascii")
                        .replace("\r\n\r\nbody \u00e4\r\n", "\r\n"))
                .matches("\\p{ASCII}*");
        less.reply(noEightBits);
        run();
        assertThat(attempts).as("no less can be said").isEmpty();
        assertThat(scheduler.health().messages()).isZero();
        assertSpoolIsEmpty();
    }

    @Test
    void aNoticeThatIsRefusedForItsRecipientIsNotSentAgain() throws Exception {
        queue("a@example.org", "RET=FULL", "Subject: x\r\n\r\nbody \u00e4\r\n");
        only().reply(UNKNOWN_USER);
        run();
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void theNoticeOfAnotherIsNotCut() throws Exception {
        queue("a@example.org", "RET=FULL", "Subject: x\r\n\r\nbody \u00e4\r\n");
        only().reply(UNKNOWN_USER);
        run();
        byte[] ours = Mail.read(only().content());
        assertThat(AbridgedNotice.of(ours, "queue.test")).isNotNull();
        assertThat(AbridgedNotice.of(ours, "other.test")).isNull();
        assertThat(AbridgedNotice.of(new byte[0], "queue.test")).isNull();
        for (int cut = 0; cut < ours.length; cut++) {
            byte[] some = Arrays.copyOf(ours, cut);
            assertThat(AbridgedNotice.of(some, "queue.test")).isNull();
        }
    }

    private static String text(Attempt attempt) throws Exception {
        return new String(Mail.read(attempt.content()), StandardCharsets.ISO_8859_1);
    }

    @Test
    void returnsEightBitsByAWayThatHasThem() throws Exception {
        assertThat(returned("gr\u00fcn@example.org", "RET=FULL SMTPUTF8", "Subject: x\r\n\r\nbody \u00e4\r\n"))
                .contains(
                        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSubject: x\r\n\r\nbody \u00e4\r\n");
    }
}

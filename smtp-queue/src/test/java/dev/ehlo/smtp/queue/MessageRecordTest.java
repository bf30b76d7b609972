package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class MessageRecordTest {
    /** Under keywords that nobody knows, of the same length as those that they become. */
    private static final Envelope STORED = Envelope.from("a@example.org")
            .with(new EsmtpParameter("XNVID", "a+0D+0AX-Evil:+20yes"))
            .with(new EsmtpParameter("XEQUIRETLS", "yes"))
            .with(new EsmtpParameter("SIZE", "3"))
            .with(new EsmtpParameter("X-OTHER", "1"))
            .to(List.of(new Recipient(
                    Mailbox.parse("b@example.net"),
                    EsmtpParameters.NONE
                            .with(new EsmtpParameter("XOTIFY", "NEVER,DELAY"))
                            .with(new EsmtpParameter("ORCPT", "rfc822;b@example.net")))));

    @Test
    void readsMessagesWhoseParametersWouldNotBeTakenNow() {
        String octets = new String(MessageRecord.head(new QueueId(7), Mail.NOON, STORED), StandardCharsets.ISO_8859_1)
                .replace("XNVID", "ENVID")
                .replace("XEQUIRETLS", "REQUIRETLS")
                .replace("XOTIFY", "NOTIFY");

        MessageRecord.Head head = MessageRecord.head(ByteBuffer.wrap(octets.getBytes(StandardCharsets.ISO_8859_1)));

        assertThat(head.id()).isEqualTo(new QueueId(7));
        assertThat(head.envelope().parameters()).hasToString("REQUIRETLS SIZE=3 X-OTHER=1");
        assertThat(head.envelope().recipients()).hasSize(1);
        assertThat(head.envelope().recipients().get(0).parameters()).hasToString("ORCPT=rfc822;b@example.net");
        assertThat(head.octets()).isEqualTo(octets.length());
    }
}

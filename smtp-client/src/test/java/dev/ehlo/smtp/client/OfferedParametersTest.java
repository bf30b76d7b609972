package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of an envelope's parameters goes to a server that offers these extensions and no other. */
class OfferedParametersTest {
    private static final Envelope PLAIN = Envelope.from("a@example.org").to("b@example.net");

    @Test
    void sendsWhatIsOffered() {
        Envelope envelope = PLAIN.with(new EsmtpParameter("RET", "HDRS")).with(new EsmtpParameter("ENVID", "x1"));
        assertThat(mailLine(envelope, "DSN")).isEqualTo("MAIL FROM:<a@example.org> RET=HDRS ENVID=x1");
    }

    @Test
    void leavesOutWhatMailCanDoWithout() {
        Envelope envelope = PLAIN.with(new EsmtpParameter("RET", "HDRS"))
                .with(new EsmtpParameter("BODY", "8BITMIME"))
                .with(new EsmtpParameter("SIZE", "1"))
                .with(new EsmtpParameter("AUTH", "<>"));
        assertThat(mailLine(envelope, "HELP")).isEqualTo("MAIL FROM:<a@example.org>");
    }

    @Test
    void passesTimeAndPriorityOn() {
        Envelope late = PLAIN.with(new EsmtpParameter("BY", "60;R")).with(new EsmtpParameter("MT-PRIORITY", "3"));
        assertThat(mailLine(late, "DELIVERBY 60", "MT-PRIORITY MIXER"))
                .isEqualTo("MAIL FROM:<a@example.org> BY=60;R MT-PRIORITY=3");
        Envelope notified = PLAIN.with(new EsmtpParameter("BY", "-60;NT")).with(new EsmtpParameter("MT-PRIORITY", "3"));
        assertThat(mailLine(notified, "DELIVERBY", "HELP")).isEqualTo("MAIL FROM:<a@example.org> BY=-60;NT");
        assertThat(mailLine(notified, "HELP")).isEqualTo("MAIL FROM:<a@example.org>");
    }

    @Test
    void tellsWhatTheHostOffered() {
        LineServer server = new LineServer().offering("DSN", "SIZE", "X-THING").on("RCPT TO:<c@", "550 no\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.outcomes().get(0).offered())
                .containsExactlyInAnyOrder(Extension.DSN, Extension.SIZE, Extension.HELP);
    }

    @Test
    void saysTheSizeThatItIsNotTheOneThatItWas() {
        assertThat(mailLine(PLAIN.with(new EsmtpParameter("SIZE", "1")), "SIZE"))
                .isEqualTo("MAIL FROM:<a@example.org> SIZE=" + Plans.CONTENT.length());
    }

    @Test
    void namesTheOriginalRecipientInAsciiWhereUtf8IsNotOffered() {
        // The server notes a character for each octet.
        assertThat(rcptLine("utf-8;j\u00fcrgen@example.net", "DSN", "SMTPUTF8"))
                .isEqualTo("RCPT TO:<b@example.net> ORCPT=utf-8;j\u00c3\u00bcrgen@example.net");
        assertThat(rcptLine("utf-8;j\u00fcrgen@example.net", "DSN"))
                .isEqualTo("RCPT TO:<b@example.net> ORCPT=utf-8;j\\x{FC}rgen@example.net");
        assertThat(rcptLine("utf-8;" + "\u00fc".repeat(240), "DSN")).isEqualTo("RCPT TO:<b@example.net>");
        assertThat(rcptLine("rfc822;b+2Bc@example.net", "DSN"))
                .isEqualTo("RCPT TO:<b@example.net> ORCPT=rfc822;b+2Bc@example.net");
    }

    private static String rcptLine(String original, String... offered) {
        Recipient recipient = new Recipient(
                Mailbox.parse("b@example.net"), EsmtpParameters.NONE.with(new EsmtpParameter("ORCPT", original)));
        return line(Envelope.from("a@example.org").to(List.of(recipient)), "RCPT", offered);
    }

    @Test
    void failsTheMessageThatNeedsMoreThanIsOffered() {
        assertFailed(PLAIN.with(new EsmtpParameter("SMTPUTF8", null)), "553 5.6.7", "HELP");
        assertFailed(PLAIN.with(new EsmtpParameter("BODY", "BINARYMIME")), "554 5.6.3", "BINARYMIME", "8BITMIME");
        assertFailed(PLAIN.with(new EsmtpParameter("BODY", "BINARYMIME")), "554 5.6.3", "CHUNKING", "8BITMIME");
        assertFailed(PLAIN.with(new EsmtpParameter("BY", "60;R")), "554 5.3.3", "HELP");
        assertFailed(PLAIN.with(new EsmtpParameter("BY", "60;R")), "554 5.4.7", "DELIVERBY 61");
        assertFailed(Envelope.from("\u00e4@example.org").to("b@example.net"), "553 5.6.7", "HELP");
        assertFailed(PLAIN.with(new EsmtpParameter("X-LONG", "x".repeat(3000))), "501 5.5.4", "X-LONG");
    }

    @Test
    void failsTheRecipientThatNeedsMoreThanIsOfferedAndDeliversToTheOther() {
        Recipient by = new Recipient(
                Mailbox.parse("c@example.net"), new EsmtpParameters(List.of(new EsmtpParameter("X-THING", "1"))));
        Envelope envelope = PLAIN.to("\u00e4@example.net").to(List.of(by));
        LineServer server = new LineServer();
        SessionRun run = SessionRun.of(Plans.inClear(envelope), server);
        assertThat(run.statuses())
                .containsExactly(DeliveryStatus.RELAYED, DeliveryStatus.FAILED, DeliveryStatus.FAILED);
        assertThat(run.outcomes().get(1).reply().toString()).startsWith("553 5.6.7");
        assertThat(run.outcomes().get(2).reply().toString()).startsWith("555 5.5.4");
        assertThat(server.commands()).filteredOn(c -> c.startsWith("RCPT")).containsExactly("RCPT TO:<b@example.net>");
    }

    @Test
    void saysSmtputf8WhereAnAddressNeedsItAndItIsOffered() {
        LineServer server = new LineServer().offering("SMTPUTF8");
        SessionRun run = SessionRun.of(Plans.inClear(PLAIN.to("\u00e4@example.net")), server);
        assertThat(run.statuses()).containsOnly(DeliveryStatus.RELAYED);
        assertThat(server.commands()).contains("MAIL FROM:<a@example.org> SMTPUTF8");
    }

    @Test
    void sendsNoEightBitContentToWhoDoesNotOfferIt() {
        String content = "caf\u00e9\r\n";
        LineServer server = new LineServer();
        SessionRun run = SessionRun.of(Plans.plan(PLAIN, content, TlsPolicy.none(), null, null), server);
        assertThat(run.statuses()).containsOnly(DeliveryStatus.FAILED);
        assertThat(run.outcomes().get(0).reply().toString()).startsWith("554 5.6.3 ");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
        Envelope declared = PLAIN.with(new EsmtpParameter("BODY", "8BITMIME"));
        SessionRun ascii = SessionRun.of(Plans.inClear(declared), new LineServer());
        assertThat(ascii.statuses()).as("it can do without").containsOnly(DeliveryStatus.RELAYED);
    }

    @Test
    void asksForNoLongerHoldThanIsOffered() {
        Envelope held = PLAIN.with(new EsmtpParameter("HOLDFOR", "60"));
        assertThat(mailLine(held, "FUTURERELEASE 60 2036-01-01T00:00:00Z"))
                .isEqualTo("MAIL FROM:<a@example.org> HOLDFOR=60");
        assertFailed(held, "501 5.5.4", "FUTURERELEASE 59 2036-01-01T00:00:00Z");
        assertFailed(held, "555 5.5.4", "HELP");
        assertFailed(
                PLAIN.with(new EsmtpParameter("HOLDUNTIL", "2036-01-01T00:00:01Z")),
                "501 5.5.4",
                "FUTURERELEASE 59 2036-01-01T00:00:00Z");
    }

    private static String mailLine(Envelope envelope, String... offered) {
        return line(envelope, "MAIL", offered);
    }

    private static String line(Envelope envelope, String verb, String... offered) {
        LineServer server = new LineServer().offering(offered);
        assertThat(SessionRun.of(Plans.inClear(envelope), server).statuses()).containsOnly(DeliveryStatus.RELAYED);
        return server.commands().stream()
                .filter(c -> c.startsWith(verb))
                .findFirst()
                .orElseThrow();
    }

    private static void assertFailed(Envelope envelope, String codes, String... offered) {
        LineServer server = new LineServer().offering(offered);
        SessionRun run = SessionRun.of(Plans.inClear(envelope), server);
        assertThat(run.statuses()).containsOnly(DeliveryStatus.FAILED);
        assertThat(run.outcomes().get(0).reply().toString()).startsWith(codes + " ");
        assertThat(server.commands()).noneMatch(c -> c.startsWith("MAIL"));
    }
}

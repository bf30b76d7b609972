package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** BODY=BINARYMIME, by BDAT. RFC 3030 §3. */
class BinaryContentTest {
    private static final Envelope BINARY = Plans.TO_TWO.with(EsmtpParameter.body(BodyType.BINARY_MIME));
    /** All that a line could be taken for, a lone dot and all octets there are. */
    private static final String CONTENT = "a: b\r\n\r\n.\r\n\n.\n\r\0..\r\nQUIT\r\n\u00e4\u00ff\r";

    private static SessionRun run(LineServer server, Envelope envelope, String content) {
        return SessionRun.of(Plans.plan(envelope, content, TlsPolicy.none(), null, null), server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void sendsTheOctetsAsTheyAreInOneChunk(String extension) {
        LineServer server = new LineServer().offering("CHUNKING", "BINARYMIME", "8BITMIME", extension);
        SessionRun run = run(server, BINARY, CONTENT);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.content()).isEqualTo(CONTENT);
        assertThat(server.commands())
                .contains("MAIL FROM:<a@example.org> BODY=BINARYMIME", "BDAT " + CONTENT.length() + " LAST")
                .doesNotContain("DATA");
        assertThat(run.flights)
                .as("a small chunk goes with the commands, where they go together")
                .anyMatch(f -> f.startsWith(extension.equals("HELP") ? "BDAT" : "MAIL") && f.endsWith(CONTENT));
    }

    @Test
    void sendsMuchContentInManyWrites() {
        String content = CONTENT.repeat(10_000);
        LineServer server = new LineServer().offering("CHUNKING", "BINARYMIME");
        assertThat(run(server, BINARY, content).statuses()).containsOnly(RELAYED);
        assertThat(server.content()).isEqualTo(content);
    }

    @Test
    void sendsNoContentAtAll() {
        LineServer server = new LineServer().offering("CHUNKING", "BINARYMIME");
        assertThat(run(server, BINARY, "").statuses()).containsOnly(RELAYED);
        assertThat(server.commands()).contains("BDAT 0 LAST");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void sendsNoLargeChunkWhereNobodyIsTaken(String extension) {
        LineServer server = new LineServer()
                .offering("CHUNKING", "BINARYMIME", extension)
                .on("RCPT", "550 5.1.1 no\r\n")
                .on("RCPT TO:<c@", "450 4.2.1 later\r\n");
        assertThat(run(server, BINARY, CONTENT.repeat(5000)).statuses()).containsExactly(FAILED, DEFERRED);
        assertThat(server.commands()).noneMatch(c -> c.startsWith("BDAT")).endsWith("QUIT");
    }

    @Test
    void takesTheReplyToTheChunkForTheOutcome() {
        LineServer server = new LineServer()
                .offering("CHUNKING", "BINARYMIME", "PIPELINING")
                .on(".", "552 5.3.4 too much\r\n");
        assertThat(run(server, BINARY, CONTENT).statuses()).containsExactly(FAILED, FAILED);
    }

    @Test
    void doesNotKnowWhatBecameOfAChunkWithoutAReply() {
        SessionRun run = new SessionRun(Plans.plan(BINARY, CONTENT, TlsPolicy.none(), null, null), TlsMode.NONE);
        for (String said : List.of(
                "220 hi\r\n",
                "250-mx\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
                "250 ok\r\n",
                "250 ok\r\n",
                "250 ok\r\n")) {
            run.receive(said);
        }
        run.session.connectionLost();
        assertThat(run.statuses()).containsOnly(UNKNOWN);
    }
}

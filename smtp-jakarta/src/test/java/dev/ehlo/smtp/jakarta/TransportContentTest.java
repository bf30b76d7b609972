package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What messages become on their way: encoded anew, or kept in a file. */
class TransportContentTest extends TransportRig {
    @ParameterizedTest
    @ValueSource(strings = {"text/plain; charset=x-nobody-knows-it", "text/csv; charset=utf-8"})
    void encodesTextThatItCannotRead(String type) throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().extensions("PIPELINING").start()) {
            Session session = session(peer);
            String text = "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: " + type
                    + "\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n";
            MimeMessage message =
                    new MimeMessage(session, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
            try (Transport transport = connected(session)) {
                transport.sendMessage(message, addresses("b@example.net"));
            }
            assertThat(peer.awaitMessage(PATIENCE).text())
                    .contains("Content-Type: " + type + "\r\n", "\r\n\r\nGr=C3=BC=C3=9Fe\r\n");
        }
    }

    @Test
    void sendsTextAsItIsWhereItMayAndEncodedWhereItMust() throws Exception {
        set("allow8bitmime", "true");
        for (boolean isTaken : new boolean[] {true, false}) {
            try (ScriptedPeer peer = ScriptedPeer.builder()
                    .extensions(isTaken ? "8BITMIME" : "PIPELINING")
                    .start()) {
                Session session = session(peer);
                MimeMessage message = message(session, "b@example.net");
                MimeBodyPart part = new MimeBodyPart();
                part.setText("Grüße\n", "utf-8");
                part.setHeader("Content-Transfer-Encoding", isTaken ? "quoted-printable" : "8bit");
                message.setContent(new MimeMultipart(part));
                message.saveChanges();
                Transport.send(message);
                ReceivedMessage received = peer.awaitMessage(PATIENCE);
                String text = new String(received.content(), StandardCharsets.UTF_8);
                assertThat(text).contains(isTaken ? "Grüße\r\n" : "Gr=C3=BC=C3=9Fe\r\n");
                assertThat(received.mail().contains("BODY=8BITMIME")).isEqualTo(isTaken);
            }
        }
    }

    @Test
    void sendsWhatDoesNotFitInMemory() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            String text = "Subject: long\r\n\r\n" + ".0123456789012345678901234567890123456789\r\n".repeat(100_000);
            MimeMessage message =
                    new MimeMessage(session, new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)));
            message.setFrom("a@example.org");
            try (Transport transport = connected(session)) {
                transport.sendMessage(message, addresses("b@example.net"));
            }
            assertThat(peer.awaitMessage(PATIENCE).text()).endsWith(text.substring(text.indexOf("\r\n\r\n")));
        }
    }
}

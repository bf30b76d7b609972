package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {
    private static final String TLS = "\r\n\ttls TLS_AES_128_GCM_SHA256";

    private static String relayed(MachinePeer peer, String hello, String content) {
        peer.say(hello + "\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n");
        assertThat(peer.say("DATA\r\n")).startsWith("354 ");
        assertThat(peer.say(content + ".\r\n")).startsWith("250 ");
        return peer.room.messages.get(peer.room.messages.size() - 1).content();
    }

    private static String submitted(String content) {
        MachinePeer peer = new MachinePeer(Profile.submissions());
        peer.say("");
        peer.say("EHLO [10.1.2.3]\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        peer.say("MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@remote.example>\r\nDATA\r\n");
        assertThat(peer.say(content + ".\r\n")).startsWith("250 ");
        return peer.room.messages.get(0).content();
    }

    private static String received(String rest) {
        return "Received: " + rest + ";\r\n\t" + MachinePeer.DATE + "\r\n";
    }

    @Test
    void namesTheClientWhereServersMeet() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        assertThat(relayed(peer, "EHLO client.example", "Subject: x\r\n\r\nbody\r\n"))
                .isEqualTo(received("from client.example ([192.0.2.7])\r\n\tby mx.example.org with ESMTP id id1.1")
                        + "Subject: x\r\n\r\nbody\r\n");
        assertThat(relayed(peer, "HELO client.example", ""))
                .isEqualTo(received("from client.example ([192.0.2.7])\r\n\tby mx.example.org with SMTP id id1.2"));
    }

    @Test
    void namesTheClientFromWhenItsNameIsKnown() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.name = new CompletableFuture<>();
        peer.say("");
        peer.say("EHLO client.example\r\n");
        peer.session().info().findClientName();
        assertThat(relayed(peer, "RSET", "")).startsWith("Received: from client.example ([192.0.2.7])\r\n");
        peer.name.complete(Optional.of("mail.example"));
        assertThat(relayed(peer, "RSET", ""))
                .startsWith("Received: from client.example (mail.example [192.0.2.7])\r\n");
    }

    @Test
    void tellsThatAddressesOrHeaderAreInUtf8() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        peer.say("EHLO client.example\r\nMAIL FROM:<\u00c3\u00a4@remote.example> SMTPUTF8\r\n");
        peer.say("RCPT TO:<\u00c3\u00a4@example.org>\r\nBDAT 0 LAST\r\n");
        MailRoom.Message message = peer.room.messages.get(0);
        assertThat(message.content())
                .isEqualTo(received("from client.example ([192.0.2.7])\r\n\tby mx.example.org with UTF8SMTP id id1.1"));
        assertThat(message.envelope().parameters()).hasToString("SMTPUTF8");
        assertThat(message.envelope().reversePath()).hasToString("\u00e4@remote.example");
    }

    @Test
    void tellsTlsAndIpv6() {
        MachinePeer peer = new MachinePeer(Profile.mx(), "2001:db8::7");
        peer.say("");
        peer.say("STARTTLS\r\n");
        peer.startTls();
        assertThat(relayed(peer, "EHLO [IPv6:2001:db8::7]", ""))
                .isEqualTo(received("from [IPv6:2001:db8::7] ([IPv6:2001:db8:0:0:0:0:0:7])\r\n"
                        + "\tby mx.example.org with ESMTPS id id1.1" + TLS));
    }

    @Test
    void makesHarmlessWhatTheClientCallsItself() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        assertThat(relayed(peer, "EHLO a(b);c<d>\"\\\u00c3\u00a4", ""))
                .startsWith("Received: from a?b??c?d???? ([192.0.2.7])\r\n");
    }

    @Test
    void hidesTheClientWhereUsersSubmit() {
        String content = "From: alice@example.org\r\nDate: x\r\nMessage-ID: <y>\r\n\r\nbody\r\n";
        assertThat(submitted(content)).isEqualTo(received("by mx.example.org with ESMTPSA id id1.1" + TLS) + content);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Subject: s~~body~|Subject: s~+F+D+I~body~",
                "Subject: s~|Subject: s~+F+D+I",
                "``|+F+D+I",
                "~body~|+F+D+I~body~",
                "body~|+F+D+I~body~",
                "Date: d~~b~|Date: d~+F+I~b~",
                "MESSAGE-id : i~Subject: s~ Date: folded~~Date: body~|MESSAGE-id : i~Subject: s~ Date: folded~+F+D~Date: body~",
                "Subject: s~no field~~Date: d~|Subject: s~+F+D+I~no field~~Date: d~",
                " folded at once~Date: d~|+F+D+I~ folded at once~Date: d~",
                "From: alice@example.org~~b~|From: alice@example.org~+D+I~b~",
                "Bcc: x~Subject: s~Return-Path: <y>~Resent-Bcc: z~~b~|Subject: s~+F+D+I~b~",
            })
    void addsWhatIsMissingAndLeavesOutWhatIsNotForOthers(String content, String expected) {
        String from = "From: <alice@example.org>\r\n";
        String date = "Date: " + MachinePeer.DATE + "\r\n";
        String id = "Message-ID: <" + Long.toString(MachinePeer.NOW.toEpochMilli(), 36) + ".z.z@mx.example.org>\r\n";
        String trace = received("by mx.example.org with ESMTPSA id id1.1" + TLS);
        assertThat(submitted(content.replace("~", "\r\n")))
                .isEqualTo(trace
                        + expected.replace("~", "\r\n")
                                .replace("+F", from)
                                .replace("+D", date)
                                .replace("+I", id));
    }

    @Test
    void showsOrHidesTheClientAsTheProfileSays() {
        MachinePeer peer = new MachinePeer(Profile.mx().hidingClient(true));
        peer.say("");
        assertThat(relayed(peer, "EHLO client.example", ""))
                .isEqualTo(received("by mx.example.org with ESMTP id id1.1"));
    }

    @Test
    void putsOneReturnPathInFrontWhereTheProfileSays() {
        MachinePeer peer = new MachinePeer(Profile.mx().returnPath(true));
        peer.say("");
        assertThat(relayed(
                        peer,
                        "HELO x",
                        "Return-Path: <old@remote.example>\r\n\tfolded\r\nX: y\r\n\r\nReturn-Path: z\r\n"))
                .isEqualTo("Return-Path: <a@remote.example>\r\n"
                        + received("from x ([192.0.2.7])\r\n\tby mx.example.org with SMTP id id1.1")
                        + "X: y\r\n\r\nReturn-Path: z\r\n");
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        peer.say("X: y\r\n.\r\n");
        assertThat(peer.room.messages.get(1).content())
                .startsWith("Return-Path: <>\r\nReceived: ")
                .endsWith("\r\nX: y\r\n");
    }

    @Test
    void refusesForTheSizeOrTheLoopByWhicheverComesFirst() {
        String loop = "Received: x\r\n".repeat(101);
        for (String content : List.of(loop + "y".repeat(1000), "X: " + "y".repeat(995) + "\r\n" + loop)) {
            byte[] octets = (content + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            Set<String> replies = new HashSet<>();
            for (int cut : new int[] {1, 3, 100, 999, 1000, 1001, octets.length}) {
                MachinePeer peer = new MachinePeer(Profile.mx().maxMessageOctets(loop.length() + 900));
                peer.say("");
                peer.say("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
                for (int from = 0; from < octets.length; from += cut) {
                    peer.exchange(Arrays.copyOfRange(octets, from, Math.min(octets.length, from + cut)));
                }
                replies.add(peer.say(".\r\n"));
            }
            assertThat(replies).hasSize(1);
            assertThat(replies.iterator().next()).startsWith(content.startsWith("R") ? "554 5.4.6" : "552 5.3.4");
        }
    }

    @Test
    void refusesAMailLoop() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        peer.say("EHLO x\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        assertThat(peer.say("Received: x\r\n".repeat(101) + "\r\n.\r\n")).startsWith("554 5.4.6 ");
        peer.say("MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        assertThat(peer.say("Received: x\r\n".repeat(100) + "\r\n.\r\n")).startsWith("250 ");
    }

    @Test
    void refusesAHeaderBeyondReason() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        String mail = "MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
        peer.say("EHLO x\r\n");
        for (String header : List.of(
                "X: y\r\n".repeat(SessionLimits.STANDARD.maxHeaderFields() + 1) + "\r\n",
                "X: y\r\n" + " folded\r\n".repeat(SessionLimits.STANDARD.maxHeaderOctets() / 9),
                "X: " + "y".repeat(SessionLimits.STANDARD.maxHeaderOctets()) + "\r\n\r\n")) {
            peer.say(mail);
            assertThat(peer.say(header + ".\r\n")).startsWith("552 5.3.4 ");
        }
        assertThat(peer.room.messages).isEmpty();
        for (String content : List.of(
                "X: y\r\n".repeat(SessionLimits.STANDARD.maxHeaderFields()) + "\r\n",
                "X: " + "y".repeat(SessionLimits.STANDARD.maxHeaderOctets() - 5) + "\r\n\r\n",
                "X: y\r\n\r\n" + "Z: body\r\n".repeat(SessionLimits.STANDARD.maxHeaderOctets() / 9))) {
            peer.say(mail);
            assertThat(peer.say(content + ".\r\n")).startsWith("250 ");
        }
        assertThat(peer.room.messages).hasSize(3);
    }
}

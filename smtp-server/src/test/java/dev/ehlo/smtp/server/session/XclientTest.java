package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.testkit.Cutter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XCLIENT without a socket; 198.51.100.0/24 may relay. */
class XclientTest {
    private static final String OFFER = "XCLIENT NAME ADDR PORT HELO DESTADDR DESTPORT";

    private static MachinePeer proxy(Profile profile, String address) {
        MachinePeer peer = new MachinePeer(
                profile.xclientFrom(List.of(Network.parse("192.0.2.0/24"), Network.parse("198.51.100.5/32"))), address);
        peer.say("");
        return peer;
    }

    private static MachinePeer proxy() {
        return proxy(Profile.mx(), "192.0.2.7");
    }

    @Test
    void isOfferedToTrustedNetworksAloneAndUnderTlsToo() {
        MachinePeer proxy = proxy();
        assertThat(proxy.say("EHLO p\r\n")).contains(OFFER);
        proxy.say("XCLIENT ADDR=203.0.113.7\r\n");
        assertThat(proxy.say("EHLO c\r\nHELO c\r\n")).containsOnlyOnce(OFFER);
        proxy.say("STARTTLS\r\n");
        proxy.startTls();
        assertThat(proxy.say("EHLO c\r\n")).contains(OFFER).doesNotContain("STARTTLS");
        assertThat(proxy(Profile.mx(), "203.0.113.7").say("EHLO x\r\n")).doesNotContain("XCLIENT");
        MachinePeer unconfigured = new MachinePeer(Profile.mx());
        unconfigured.say("");
        assertThat(unconfigured.say("EHLO x\r\n")).doesNotContain("XCLIENT");
    }

    @Test
    void isRefusedToStrangersAndUnknownWhereNobodyIsTrusted() {
        MachinePeer stranger = proxy(Profile.mx(), "203.0.113.7");
        stranger.say("EHLO x\r\n");
        assertThat(stranger.say("XCLIENT ADDR=198.51.100.7\r\n")).startsWith("550 5.7.0 ");
        assertThat(stranger.session().info().remoteAddress().getHostString()).isEqualTo("203.0.113.7");
        MachinePeer unconfigured = new MachinePeer(Profile.mx());
        unconfigured.say("");
        assertThat(unconfigured.say("XCLIENT ADDR=198.51.100.7\r\n")).startsWith("502 5.5.1 ");
        MachinePeer inClear = proxy(Profile.submission(), "203.0.113.7");
        assertThat(inClear.say("XCLIENT ADDR=198.51.100.7\r\n")).startsWith("550 5.7.0 ");
    }

    @Test
    void letsNobodyLogInByTheCertificateOfTheProxy() {
        MachinePeer proxy =
                new MachinePeer(Profile.submissions().xclientFrom(List.of(Network.parse("192.0.2.0/24"))), Logins.ALL);
        assertThat(proxy.say("EHLO proxy.example\r\n")).contains(" EXTERNAL ");
        assertThat(proxy.say("XCLIENT ADDR=203.0.113.7\r\n")).startsWith("220 ");
        assertThat(proxy.say("EHLO c.example\r\n")).contains("SCRAM").doesNotContain("EXTERNAL");
        assertThat(proxy.say("AUTH EXTERNAL =\r\n")).startsWith("504 5.5.4 ");
    }

    @Test
    void beginsTheSessionAnewForTheClientThatItNames() {
        MachinePeer proxy = proxy();
        proxy.say("EHLO proxy.example\r\n");
        assertThat(proxy.say("XCLIENT NAME=Mail.client.example ADDR=IPV6:2001:db8::7 PORT=40007\r\n"))
                .isEqualTo("220 mx.example.org ESMTP\r\n");
        assertThat(proxy.session().info().remoteAddress()).isEqualTo(new InetSocketAddress("2001:db8::7", 40007));
        assertThat(proxy.say("MAIL FROM:<a@remote.example>\r\n")).startsWith("503 ");
        assertThat(proxy.say("XCLIENT HELO=c.example DESTADDR=203.0.113.1 DESTPORT=587\r\n"))
                .startsWith("220 ");
        assertThat(proxy.session().info().localAddress()).isEqualTo(new InetSocketAddress("203.0.113.1", 587));
        proxy.say("EHLO proxy.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        assertThat(proxy.say(".\r\n")).startsWith("250 ");
        assertThat(proxy.room.messages.get(0).content())
                .startsWith("Received: from c.example (mail.client.example [IPv6:2001:db8:0:0:0:0:0:7])\r\n");
        // What was not known of the next client is told, too.
        proxy.say("XCLIENT ADDR=203.0.113.8 NAME=[tempunavail] HELO=[UNAVAILABLE]\r\n");
        proxy.say("EHLO other.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        proxy.say(".\r\n");
        assertThat(proxy.room.messages.get(1).content()).startsWith("Received: from other.example ([203.0.113.8])\r\n");
        assertThat(proxy.session().info().remoteAddress().getPort()).isZero();
    }

    @Test
    void isTakenAtEveryCutAndWithWhatIsPipelinedBehindIt() {
        byte[] flight = "EHLO p\r\nXCLIENT ADDR=203.0.113.7\r\nEHLO c\r\nMAIL FROM:<>\r\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        Cutter.everySplit(flight, parts -> {
            MachinePeer proxy = proxy();
            StringBuilder said = new StringBuilder();
            parts.forEach(part -> said.append(new String(proxy.exchange(part), StandardCharsets.ISO_8859_1)));
            assertThat(said.toString().lines().map(line -> line.substring(0, 4)).filter(code -> code.endsWith(" ")))
                    .containsExactly("250 ", "220 ", "250 ", "250 ");
        });
    }

    @Test
    void decidesOnRelayingByTheClientNamed() {
        String mail = "EHLO c\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@remote.example>\r\n";
        MachinePeer inside = proxy();
        inside.say("XCLIENT ADDR=198.51.100.7\r\n");
        assertThat(inside.say(mail)).contains("\r\n250 2.1.5 ");
        for (String named : List.of("203.0.113.7", "[UNAVAILABLE]", "[tempUnavail]")) {
            // Itself it may relay.
            MachinePeer proxy = proxy(Profile.mx(), "198.51.100.5");
            assertThat(proxy.say(mail)).contains("\r\n250 2.1.5 ");
            assertThat(proxy.say("RSET\r\nXCLIENT ADDR=" + named + "\r\n")).contains("\r\n220 ");
            assertThat(proxy.say(mail)).contains("\r\n550 5.7.1 ");
            // RFC 3207 §4.2 has what the client said forgotten, not who he is.
            assertThat(proxy.say("STARTTLS\r\n")).startsWith("220 ");
            proxy.startTls();
            assertThat(proxy.say(mail)).contains("\r\n550 5.7.1 ");
        }
    }

    @Test
    void forgetsTheLoginAndCanTellNone() {
        MachinePeer proxy = proxy(Profile.submissions(), "192.0.2.7");
        proxy.say("EHLO p\r\n");
        assertThat(proxy.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n")).startsWith("235 ");
        assertThat(proxy.say("XCLIENT LOGIN=alice\r\n")).startsWith("501 5.5.4 ");
        assertThat(proxy.say("XCLIENT ADDR=203.0.113.7\r\n")).startsWith("220 ");
        assertThat(proxy.say("EHLO c\r\nMAIL FROM:<alice@example.org>\r\n")).contains("\r\n530 5.7.0 ");
    }

    @Test
    void hasNoPlaceInATransaction() {
        MachinePeer proxy = proxy();
        String xclient = "XCLIENT ADDR=203.0.113.7\r\n";
        proxy.say("EHLO p\r\nMAIL FROM:<a@remote.example>\r\n");
        assertThat(proxy.say(xclient)).startsWith("503 5.5.1 ");
        proxy.say("RCPT TO:<b@example.org>\r\n");
        assertThat(proxy.say(xclient)).startsWith("503 5.5.1 ");
        proxy.say("BDAT 1\r\nx");
        assertThat(proxy.say(xclient)).startsWith("503 5.5.1 ");
        assertThat(proxy.say("BDAT 0 LAST\r\n")).startsWith("250 ");
        assertThat(proxy.say(xclient)).startsWith("220 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "XCLIENT",
                "XCLIENT ADDR",
                "XCLIENT ADDR=",
                "XCLIENT ADDR=2001:db8::7",
                "XCLIENT ADDR=[203.0.113.7]",
                "XCLIENT ADDR=mx.example.org",
                "XCLIENT ADDR=203.0.113.7 ADDR=203.0.113.8",
                "XCLIENT PORT=65536",
                "XCLIENT HELO=a+0D+0Ab",
                "XCLIENT HELO=a+2",
                "XCLIENT PROTO=ESMTP",
                "XCLIENT FOO=bar"
            })
    void answersWhatIsMalformedOrNotOfferedAndStaysAsItWas(String command) {
        MachinePeer proxy = proxy();
        proxy.say("EHLO p\r\n");
        assertThat(proxy.say(command + "\r\n")).startsWith("501 5.5.");
        assertThat(proxy.say("MAIL FROM:<a@remote.example>\r\n")).startsWith("250 ");
        assertThat(proxy.session().info().remoteAddress().getHostString()).isEqualTo("192.0.2.7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a)b", "198.51.100.7", "evil\\013.example", "a_b.example"})
    void putsNoNameIntoTraceFieldsThatIsNone(String name) {
        MachinePeer proxy = proxy();
        assertThat(proxy.say("XCLIENT NAME=" + name + "\r\n")).startsWith("220 ");
        proxy.say("EHLO c\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        proxy.say(".\r\n");
        assertThat(proxy.room.messages.get(0).content()).startsWith("Received: from c ([192.0.2.7])\r\n");
    }

    @Test
    void asksTheHandlerAgainWhetherTheClientIsLetIn() {
        MachinePeer proxy = proxy();
        assertThat(proxy.say("EHLO p\r\nXCLIENT ADDR=192.0.2.66\r\n")).contains("\r\n554 5.7.1 not you\r\n");
        assertThat(proxy.say("EHLO c\r\n")).startsWith("503 ");
    }

    @Test
    void endsWhereTheClientHasTooManyConnections() {
        MachinePeer proxy = proxy();
        assertThat(proxy.say("XCLIENT ADDR=203.0.113.99\r\n")).startsWith("421 4.7.0 ");
        assertThat(proxy.isClosed()).isTrue();
    }
}

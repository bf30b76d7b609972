package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that others name by XCLIENT, over sockets; attack 32 of THREATS.md from the side of strangers. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class XclientPeersTest {
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"));
    private static final List<Network> ELSEWHERE = List.of(Network.parse("192.0.2.0/24"));

    private final MailRoom room = new MailRoom();

    private static LineClient connect(SmtpServer server, TlsMode mode) throws IOException {
        InetSocketAddress address = server.address("mx");
        LineClient client = mode == TlsMode.IMPLICIT ? LineClient.connectTls(address) : LineClient.connect(address);
        client.expect("220 ");
        if (mode == TlsMode.STARTTLS) {
            client.send("STARTTLS\r\n").expect("220 ");
            client.turnToTls();
        }
        return client;
    }

    @ParameterizedTest
    @EnumSource
    void countsAndTracesTheClientNamed(TlsMode mode) throws IOException {
        for (boolean inline : new boolean[] {true, false}) {
            room.messages.clear();
            try (SmtpServer server = TestServers.with(room, inline)
                            .maxConnections(4, 1)
                            .listen(local(Profile.mx().tls(mode).xclientFrom(LOOPBACK)))
                            .start();
                    LineClient one = connect(server, mode);
                    LineClient other = connect(server, mode);
                    LineClient many = connect(server, mode)) {
                one.send("XCLIENT ADDR=198.51.100.7 NAME=client.example\r\nEHLO c\r\n")
                        .expect("220 ")
                        .expect("250-");
                other.send("XCLIENT ADDR=198.51.100.8\r\n").expect("220 ");
                many.send("EHLO p\r\nXCLIENT ADDR=198.51.100.7\r\n").expect("250-");
                many.expect("421 4.7.0 Too many connections").expectEnd();
                one.send("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                        .expect("250 ")
                        .expect("250 ")
                        .expect("354 ");
                one.send(".\r\n").expect("250 ");
                // Another client, in the same connection, makes room for one of the first.
                one.send("XCLIENT ADDR=198.51.100.9\r\n").expect("220 ");
                other.send("XCLIENT ADDR=198.51.100.7\r\n").expect("220 ");
            }
            assertThat(room.messages)
                    .singleElement()
                    .satisfies(message -> assertThat(message.content())
                            .startsWith("Received: from c (client.example [198.51.100.7])\r\n"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedToStrangers(TlsMode mode) throws IOException {
        try (SmtpServer server = TestServers.with(room, true)
                        .relayFrom(List.of(Network.parse("198.51.100.7")))
                        .listen(local(Profile.mx().tls(mode).xclientFrom(ELSEWHERE)))
                        .start();
                LineClient stranger = connect(server, mode)) {
            stranger.send("EHLO x\r\n");
            assertThat(stranger.reply()).doesNotContain("XCLIENT");
            stranger.send("XCLIENT ADDR=198.51.100.7\r\nMAIL FROM:<>\r\nRCPT TO:<b@remote.example>\r\n")
                    .expect("550 5.7.0 ")
                    .expect("250 ")
                    .expect("550 5.7.1 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void isTakenFromTheClientOfAProxyOnlyIfThatOneIsTrusted(TlsMode mode) throws IOException {
        try (SmtpServer server = TestServers.with(room, true)
                .listen(local(Profile.mx().tls(mode).proxyFrom(LOOPBACK).xclientFrom(ELSEWHERE)))
                .start()) {
            for (String client : List.of("192.0.2.7", "198.51.100.7")) {
                try (LineClient proxied = LineClient.connect(server.address("mx"))) {
                    proxied.send("PROXY TCP4 " + client + " 192.0.2.1 40007 25\r\n");
                    if (mode == TlsMode.IMPLICIT) {
                        proxied.turnToTls();
                    }
                    proxied.expect("220 ").send("XCLIENT ADDR=198.51.100.8\r\n");
                    proxied.expect(client.equals("192.0.2.7") ? "220 " : "550 5.7.0 ");
                }
            }
        }
    }

    @Test
    void swaksNamesAClient() throws Exception {
        Path swaks = Path.of("/usr/bin/swaks");
        boolean installed = Files.isExecutable(swaks);
        assertThat(installed || !"required".equals(System.getenv("EHLO_PEERS")))
                .as("swaks must be installed here")
                .isTrue();
        assumeTrue(installed, "swaks is not installed");
        try (SmtpServer server = TestServers.with(room, false)
                .listen(local(Profile.mx().xclientFrom(LOOPBACK)))
                .start()) {
            InetSocketAddress address = server.address("mx");
            for (String tls : List.of("--tls-optional", "--tls")) {
                List<String> command = List.of(
                        swaks.toString(),
                        tls,
                        "--server",
                        address.getAddress().getHostAddress(),
                        "--port",
                        Integer.toString(address.getPort()),
                        "--helo",
                        "swaks.example",
                        "--from",
                        "a@remote.example",
                        "--to",
                        "b@example.org",
                        "--xclient-addr",
                        "IPV6:2001:db8::7",
                        "--xclient-name",
                        "client.example",
                        "--xclient-helo",
                        "told.example");
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                try {
                    String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
                    assertThat(process.waitFor()).as(said).isZero();
                } finally {
                    process.destroyForcibly().waitFor();
                }
            }
        }
        assertThat(room.messages)
                .hasSize(2)
                .allSatisfy(message -> assertThat(message.content())
                        .startsWith("Received: from told.example (client.example [IPv6:2001:db8:0:0:0:0:0:7])\r\n"));
    }
}

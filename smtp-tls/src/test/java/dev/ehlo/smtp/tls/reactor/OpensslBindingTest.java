package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.ClientKey;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TestAuthority;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client and a server of OpenSSL both know of their connection, and the certificate that the client shows there. */
@Timeout(60)
class OpensslBindingTest {
    @TempDir
    private Path directory;

    private TestAuthority authority;
    private TestAuthority.Issued own;
    private Reactor reactor;

    @BeforeEach
    void start() throws Exception {
        Openssl.assumeInstalled();
        authority = new TestAuthority(directory, "root");
        own = authority.issue("mx", "EC", "localhost");
        reactor = Reactor.start("openssl-binding-test", 1);
    }

    @AfterEach
    void stop() {
        if (reactor != null) {
            reactor.close();
        }
    }

    @Test
    void exportsWhatTheServerExportsWhereTheJvmDoes() throws Exception {
        try (Server server = new Server(own, "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32")) {
            ChannelBinding binding = binding(server);
            if (Runtime.version().feature() >= 25) {
                assertThat(binding.type()).isEqualTo("tls-exporter");
                assertThat(HexFormat.of().formatHex(binding.data()))
                        .isEqualTo(server.said("Keying material: ").toLowerCase(Locale.ROOT));
            } else {
                assertThat(binding.type()).isEqualTo("tls-server-end-point");
            }
        }
    }

    @Test
    void isBoundByTheCertificateBeforeTls13() throws Exception {
        try (Server server = new Server(own, "-tls1_2")) {
            ChannelBinding binding = binding(server);
            assertThat(binding.type()).isEqualTo("tls-server-end-point");
            assertThat(binding.data())
                    .isEqualTo(MessageDigest.getInstance("SHA-256")
                            .digest(own.certificate().getEncoded()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "secp384r1", "Ed25519"})
    void showsItsCertificateWhereItIsAskedFor(String algorithm) throws Exception {
        TestAuthority.Issued client = authority.issue("client-" + algorithm, algorithm);
        for (ClientKey key : List.of(
                ClientKey.pem(client.chainFile(), client.keyFile()),
                ClientKey.pkcs12(client.pkcs12("pw".toCharArray()), "pw".toCharArray()))) {
            for (String protocol : List.of("-tls1_2", "-tls1_3")) {
                try (Server server = new Server(
                        own,
                        protocol,
                        "-Verify",
                        "2",
                        "-verify_return_error",
                        "-CAfile",
                        authority.rootFile().toString())) {
                    Loopback.Recorder handler = connect(server, TlsContext.client(policy(), key));
                    assertThat(server.said("subject=")).contains("client-" + algorithm);
                    next(handler.opened);
                }
            }
        }
    }

    @Test
    void keepsItsKeyToItself() throws Exception {
        TestAuthority.Issued client = authority.issue("client", "EC");
        ClientKey key = ClientKey.pem(client.chainFile(), client.keyFile());
        assertThat(key)
                .hasToString("ClientKey[CN=client]")
                .isEqualTo(ClientKey.pem(client.chainFile(), client.keyFile()));
        assertThat(key.certificate()).isEqualTo(client.certificate());
    }

    private TlsPolicy policy() throws IOException {
        return TlsPolicy.verified(ClientTrust.pem(authority.rootFile()));
    }

    private ChannelBinding binding(Server server) throws Exception {
        Connection opened = next(connect(server, TlsContext.client(policy())).opened);
        return Loopback.on(opened.loop(), opened::channelBinding).orElseThrow();
    }

    private Loopback.Recorder connect(Server server, TlsContext context) {
        Loopback.Recorder handler = new Loopback.Recorder();
        reactor.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port),
                TimeUnit.SECONDS.toNanos(10),
                context.toward("localhost", server.port),
                handler);
        return handler;
    }

    /** One of OpenSSL. */
    private static final class Server implements AutoCloseable {
        final int port;
        private final Process process;
        private final BufferedReader output;

        Server(TestAuthority.Issued shown, String... options) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    "openssl",
                    "s_server",
                    "-accept",
                    "127.0.0.1:0",
                    "-cert",
                    shown.chainFile().toString(),
                    "-key",
                    shown.keyFile().toString()));
            command.addAll(List.of(options));
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            String line = said("ACCEPT");
            port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        }

        /** The rest of the next line with that in it. */
        String said(String mark) throws IOException {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                int at = line.indexOf(mark);
                if (at >= 0) {
                    return line.substring(at + mark.length()).trim();
                }
            }
            throw new AssertionError("it did not say " + mark);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}

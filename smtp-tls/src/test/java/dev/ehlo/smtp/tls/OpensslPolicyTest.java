package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.reactor.Openssl;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is not ours, with a chain of an intermediate, under each policy. */
@Timeout(60)
class OpensslPolicyTest {
    private static final Issued ROOT = Issued.root("Root").selfSigned();
    private static final Issued SERVER =
            Issued.server("mx.example.org").by(Issued.root("Between").by(ROOT));

    @TempDir
    private Path directory;

    @Test
    void eachPolicyTakesOrRefusesAServerAndTellsIt() throws Exception {
        Openssl.assumeInstalled();
        ClientTrust trust = ROOT.trusted(directory);
        TlsPolicy dane = TlsPolicy.dane(List.of(DanePolicyTest.record(2, 1, 1, between())));
        Path chain = SERVER.writeChain(directory);
        Process server = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        chain.toString(),
                        "-cert_chain",
                        chain.toString(),
                        "-key",
                        SERVER.writeKey(directory).toString())
                .redirectErrorStream(true)
                .start();
        try {
            BufferedReader said =
                    new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.US_ASCII));
            int port = Integer.parseInt(lineWith(said, "ACCEPT").replaceFirst(".*:", ""));
            for (TlsPolicy policy :
                    List.of(TlsPolicy.verified(trust), TlsPolicy.mtaSts(List.of("mx.example.org"), trust), dane)) {
                assertThat(verdict(policy, "mx.example.org", port).authenticated())
                        .isTrue();
                assertThatThrownBy(() -> verdict(policy, "mx.example.net", port))
                        .isInstanceOf(SSLException.class)
                        .satisfies(
                                e -> assertThat(TlsVerdict.of(e).orElseThrow().accepted())
                                        .isFalse());
                assertThat(lineWith(said, "alert")).contains("certificate unknown");
            }
            for (TlsPolicy policy : List.of(TlsPolicy.opportunistic(), TlsPolicy.required())) {
                assertThat(verdict(policy, "mx.example.net", port))
                        .isEqualTo(new TlsVerdict(
                                true,
                                false,
                                "encrypted; the certificate is of an unknown issuer: Root",
                                Optional.of(CertificateFault.NOT_TRUSTED)));
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    private static X509Certificate between() {
        return SERVER.chain().get(1);
    }

    private static TlsVerdict verdict(TlsPolicy policy, String host, int port) throws IOException {
        Clock clock = Clock.fixed(Issued.NOW, ZoneOffset.UTC);
        SSLEngine engine = TlsContext.client(policy, clock).toward(host).newEngine();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            handshake(engine, socket);
        }
        return TlsSession.of(engine).verdict().orElseThrow();
    }

    /** As plain as can be; in a failure the alert is sent before it is thrown. */
    private static void handshake(SSLEngine engine, Socket socket) throws IOException {
        int size = engine.getSession().getPacketBufferSize();
        ByteBuffer in = ByteBuffer.allocate(size).limit(0);
        ByteBuffer clear = ByteBuffer.allocate(size);
        engine.beginHandshake();
        try {
            while (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                switch (engine.getHandshakeStatus()) {
                    case NEED_TASK -> engine.getDelegatedTask().run();
                    case NEED_WRAP -> send(engine, socket);
                    default -> {
                        var status = engine.unwrap(in, clear).getStatus();
                        if (status == javax.net.ssl.SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                            in.compact();
                            int count = socket.getInputStream().read(in.array(), in.position(), in.remaining());
                            assertThat(count).isPositive();
                            in.position(in.position() + count).flip();
                        }
                    }
                }
            }
        } catch (SSLException e) {
            send(engine, socket);
            throw e;
        }
    }

    private static void send(SSLEngine engine, Socket socket) throws IOException {
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        socket.getOutputStream().write(out.array(), 0, out.position());
    }

    private static String lineWith(BufferedReader said, String word) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.contains(word)) {
                return line;
            }
        }
        throw new IOException("it did not say " + word);
    }
}

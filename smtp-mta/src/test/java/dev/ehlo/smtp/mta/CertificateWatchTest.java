package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.tls.AnyServer;
import dev.ehlo.smtp.queue.Durability;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CertificateWatchTest {
    @TempDir
    private Path directory;

    @Test
    void showsNewCertificatesWithoutARestartAndKeepsTheOldOnesWhileTheNewAreWrong() throws Exception {
        Settings.Certificate first = make("first", "mx.example.org");
        Settings.Certificate second = make("second", "mx.example.net");
        Settings settings = new Settings(
                DataDirectory.at(directory.resolve("data")),
                "mx.example.org",
                Map.of("submissions", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty(),
                RetrySchedule.standard(),
                List.of(),
                ServerLimits.STANDARD,
                LanePolicy.STANDARD,
                Optional.empty(),
                Optional.of(Durability.POWER),
                false,
                List.of(first, second),
                false,
                Optional.empty(),
                RelayTls.STANDARD);
        try (MailServer server = MailServer.start(settings, Clock.systemUTC())) {
            InetSocketAddress address = server.addresses(settings).get("submissions");
            Certificate old = certificate(first);
            try (SSLSocket standing = connect(address, "mx.example.org")) {
                assertThat(shown(standing)).isEqualTo(old);
                assertThat(shownTo(address, "mx.example.net")).isEqualTo(certificate(second));

                Settings.Certificate renewed = make("renewed", "mx.example.org");
                Certificate young = certificate(renewed);
                Files.move(renewed.chain(), first.chain(), StandardCopyOption.REPLACE_EXISTING);
                server.certificates().look();
                assertThat(shownTo(address, "mx.example.org")).isEqualTo(old);
                Files.move(renewed.key(), first.key(), StandardCopyOption.REPLACE_EXISTING);
                server.certificates().look();
                assertThat(shownTo(address, "mx.example.org")).isEqualTo(young);
                Files.delete(second.key());
                server.certificates().look();
                assertThat(shownTo(address, "mx.example.net")).isEqualTo(certificate(second));

                standing.getOutputStream().write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(standing.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                        .startsWith("220 ")
                        .contains("\r\n221 ");
            }
        }
    }

    private Settings.Certificate make(String file, String name) throws IOException {
        Settings.Certificate made =
                new Settings.Certificate(directory.resolve(file + ".pem"), directory.resolve(file + ".key"));
        TlsContext.writeSelfSigned(made.chain(), made.key(), List.of(name));
        return made;
    }

    private static Certificate certificate(Settings.Certificate files) throws IOException, GeneralSecurityException {
        try (var in = Files.newInputStream(files.chain())) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static Certificate shownTo(InetSocketAddress address, String name) throws Exception {
        try (SSLSocket socket = connect(address, name)) {
            return shown(socket);
        }
    }

    private static Certificate shown(SSLSocket socket) throws IOException {
        return socket.getSession().getPeerCertificates()[0];
    }

    private static SSLSocket connect(InetSocketAddress address, String name) throws Exception {
        Socket plain = new Socket(address.getAddress(), address.getPort());
        plain.setSoTimeout(20_000);
        SSLSocket socket =
                (SSLSocket) AnyServer.context().getSocketFactory().createSocket(plain, name, address.getPort(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }
}

package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.testkit.ReceivedSession;
import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Authenticator;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins and TLS, as the properties ask for them. */
class TransportSecurityTest extends TransportRig {
    private static final TestCertificate RIGHT = TestCertificate.selfSigned("127.0.0.1");
    private static final TestCertificate OTHER = TestCertificate.selfSigned("mail.example.org");

    @TempDir
    private Path directory;

    @Test
    void logsIn() throws Exception {
        set("auth", "true");
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            Session session = session(peer);
            MimeMessage message = message(session, "b@example.net");
            Transport.send(message, "user", "secret");
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @Test
    void asksTheAuthenticatorOfTheSession() throws Exception {
        set("auth", "true");
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            session(peer);
            Session session = Session.getInstance(properties, new Authenticator() {
                @Override
                protected PasswordAuthentication getPasswordAuthentication() {
                    return new PasswordAuthentication("user", "secret");
                }
            });
            Transport.send(message(session, "b@example.net"));
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @Test
    void tellsWhenTheLoginIsRefused() throws Exception {
        set("auth", "true");
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            Transport transport = session(peer).getTransport();
            assertThatThrownBy(() -> transport.connect("user", "wrong"))
                    .isInstanceOf(AuthenticationFailedException.class)
                    .hasMessageContaining("535");
            assertThat(transport.isConnected()).isFalse();
            transport.connect("user", "secret");
            assertThat(transport.isConnected()).isTrue();
        }
    }

    @Test
    void sharesNoConnectionBetweenLogins() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            Session session = session(peer);
            session.getTransport().connect("user", "secret");
            assertThatThrownBy(() -> session.getTransport().connect("user", "other"))
                    .isInstanceOf(AuthenticationFailedException.class);
        }
    }

    @Test
    void needsALoginOnlyWhereItIsAskedFor() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            session.getTransport().connect("user", "secret");
            set("auth", "true");
            assertThatThrownBy(() -> session.getTransport().connect("user", "secret"))
                    .isInstanceOf(AuthenticationFailedException.class)
                    .hasMessageContaining("does not offer AUTH");
        }
    }

    @Test
    void needsStartTlsWhereItIsRequired() throws Exception {
        set("starttls.required", "true");
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            assertThatThrownBy(() -> connected(session(peer)))
                    .isInstanceOf(MessagingException.class)
                    .hasMessageContaining("STARTTLS");
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void takesStartTlsWhereItIsOfferedAndGoesWithoutWhereItIsNot() throws Exception {
        set("starttls.enable", "true");
        set("ssl.cafile", pem(RIGHT));
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(RIGHT.serverContext()).start()) {
            for (int i = 0; i < 3; i++) {
                Transport.send(message(session(peer), "b@example.net"));
            }
            assertThat(peer.awaitMessages(3, PATIENCE)).hasSize(3);
            assertThat(peer.sessions())
                    .as("one to find out, and one for all")
                    .extracting(ReceivedSession::isTls)
                    .containsExactly(true, true);
        }
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            for (int i = 0; i < 3; i++) {
                Transport.send(message(session(peer), "b@example.net"));
            }
            assertThat(peer.awaitMessages(3, PATIENCE)).hasSize(3);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void asksEachConnectionForStartTls() throws Exception {
        set("starttls.enable", "true");
        set("ssl.cafile", pem(RIGHT));
        Script stripped = Script.begin()
                .reply("220 mx.example")
                .expect("EHLO *")
                .reply("250-mx.example", "250 AUTH PLAIN")
                .expect("AUTH *")
                .reply("235 welcome")
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .startTls(RIGHT.serverContext())
                .script(stripped)
                .start()) {
            Session session = session(peer);
            try (Transport transport = session.getTransport()) {
                transport.connect("user", "secret");
                transport.sendMessage(message(session, "b@example.net"), addresses("b@example.net"));
            }
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
            assertThat(peer.sessions()).extracting(ReceivedSession::isTls).containsExactly(false, true);
        }
    }

    @Test
    void staysUnderTlsOnceItStood() throws Exception {
        set("starttls.enable", "true");
        set("ssl.cafile", pem(RIGHT));
        Session session;
        Transport transport;
        int port;
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .startTls(RIGHT.serverContext())
                .start()) {
            port = peer.port();
            session = session(peer);
            transport = session.getTransport();
            transport.connect("user", "secret");
        }
        try (ServerSocket stripping = new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
                Transport open = transport) {
            CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> saidInClear(stripping));
            assertThatThrownBy(() -> open.sendMessage(message(session, "b@example.net"), addresses("b@example.net")))
                    .isInstanceOf(MessagingException.class);
            assertThat(said.get(20, TimeUnit.SECONDS)).isIn("QUIT", "");
        }
    }

    /** What is said where STARTTLS is not offered any more. */
    private static String saidInClear(ServerSocket stripping) {
        try (Socket peer = stripping.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII))) {
            peer.getOutputStream().write("220 mx.example\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(in.readLine()).startsWith("EHLO");
            peer.getOutputStream().write("250-mx.example\r\n250 AUTH PLAIN\r\n".getBytes(StandardCharsets.US_ASCII));
            String said = in.readLine();
            return said == null ? "" : said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void triesTokensWhereTheServerKnowsNothingElse() throws Exception {
        set("auth.xoauth2.disable", "false");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user@example.org", "token")
                .mechanisms("XOAUTH2")
                .start()) {
            session(peer).getTransport().connect("user@example.org", "token");
            assertThat(peer.commands()).anyMatch(c -> c.startsWith("AUTH XOAUTH2"));
        }
    }

    @Test
    void smtpsIsUnderTlsWhateverElseIsSet() throws Exception {
        set("ssl.enable", "false");
        set("ssl.cafile", pem(RIGHT));
        try (ScriptedPeer peer = tls(RIGHT.serverContext(), true)) {
            Transport.send(message(session("smtps", peer.port()), "b@example.net"));
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @Test
    void asksForALoginOnceWhereNoneIsOffered() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            for (int i = 0; i < 3; i++) {
                Session session = session(peer);
                try (Transport transport = session.getTransport()) {
                    transport.connect("user", "secret");
                    transport.sendMessage(message(session, "b@example.net"), addresses("b@example.net"));
                }
            }
            try (Transport transport = session(peer).getTransport()) {
                transport.connect("user", "");
            }
            assertThat(peer.awaitMessages(3, PATIENCE)).hasSize(3);
            assertThat(peer.sessions()).as("one to find out").hasSize(2);
        }
    }

    @Test
    void doesNotGoOnInClearWhereStartTlsFails() throws Exception {
        set("starttls.enable", "true");
        set("ssl.cafile", pem(RIGHT));
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(OTHER.serverContext()).start()) {
            assertThatThrownBy(() -> connected(session(peer))).isInstanceOf(MessagingException.class);
            assertThat(peer.commands()).doesNotContain("MAIL");
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void refusesACertificateForAnotherName(boolean isImplicit) throws Exception {
        set("starttls.required", "true");
        set("ssl.cafile", pem(OTHER));
        set("ssl.checkserveridentity", "false"); // which is more than is given up for it
        try (ScriptedPeer peer = tls(OTHER.serverContext(), isImplicit)) {
            assertThatThrownBy(() -> connected(session(isImplicit ? "smtps" : "smtp", peer.port())))
                    .isInstanceOf(MessagingException.class)
                    .hasMessageContaining("mail.example.org");
        }
    }

    @ParameterizedTest
    @CsvSource({"false,*", "true,127.0.0.1", "false,mail.example.org 127.0.0.1"})
    void takesAnyCertificateWhereItIsToldTo(boolean isImplicit, String trusted) throws Exception {
        set("starttls.required", "true");
        set("ssl.trust", trusted);
        try (ScriptedPeer peer = tls(OTHER.serverContext(), isImplicit)) {
            Transport.send(message(session(isImplicit ? "smtps" : "smtp", peer.port()), "b@example.net"));
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @Test
    void trustsNobodyElse() throws Exception {
        set("starttls.required", "true");
        set("ssl.trust", "mail.example.org");
        try (ScriptedPeer peer = tls(RIGHT.serverContext(), false)) {
            assertThatThrownBy(() -> connected(session(peer))).isInstanceOf(MessagingException.class);
        }
    }

    @Test
    void takesTheUsualFactoryForTlsFromTheFirstOctet() throws Exception {
        set("socketFactory.class", "javax.net.ssl.SSLSocketFactory");
        set("ssl.cafile", pem(RIGHT));
        try (ScriptedPeer peer = tls(RIGHT.serverContext(), true)) {
            set("socketFactory.port", String.valueOf(peer.port()));
            Transport.send(message(session("smtp", 1), "b@example.net"));
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "socketFactory.class,com.example.Trusting",
        "ssl.socketFactory.class,com.example.Trusting",
        "ssl.hostnameverifier.class,com.example.Any",
        "ssl.ciphersuites,TLS_AES_128_GCM_SHA256",
        "ssl.protocols,TLSv1.3",
        "ssl.protocols,TLSv1 TLSv1.1",
        "proxy.host,proxy.example",
        "socks.host,proxy.example",
        "localaddress,192.0.2.1",
        "sasl.authorizationid,other",
        "auth.mechanisms,NTLM DIGEST-MD5",
        "ssl.cafile,/nowhere/at/all.pem",
        "port,many"
    })
    void refusesWhatItCannotKeep(String option, String value) throws Exception {
        set("starttls.enable", "true");
        set(option, value);
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session("smtp", peer.port());
            set(option, value);
            assertThatThrownBy(() -> session.getTransport().connect("user", "secret"))
                    .isInstanceOf(MessagingException.class)
                    .hasMessageContaining(option);
            assertThat(peer.sessions()).isEmpty();
        }
    }

    @Test
    void logsInByATokenWhereThatIsAskedFor() throws Exception {
        set("auth.mechanisms", "XOAUTH2");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user@example.org", "token")
                .mechanisms("PLAIN", "XOAUTH2")
                .start()) {
            session(peer).getTransport().connect("user@example.org", "token");
            assertThat(peer.commands()).anyMatch(c -> c.startsWith("AUTH XOAUTH2"));
        }
    }

    @Test
    void whatIsNamedFirstSaysWhetherItIsAToken() throws Exception {
        set("auth.mechanisms", "LOGIN PLAIN XOAUTH2");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .mechanisms("PLAIN", "XOAUTH2")
                .start()) {
            session(peer).getTransport().connect("user", "secret");
            assertThat(peer.commands())
                    .anyMatch(c -> c.startsWith("AUTH PLAIN"))
                    .noneMatch(c -> c.startsWith("AUTH XOAUTH2"));
        }
    }

    private static ScriptedPeer tls(SSLContext context, boolean isImplicit) throws Exception {
        ScriptedPeer.Builder builder = ScriptedPeer.builder();
        return (isImplicit ? builder.implicitTls(context) : builder.startTls(context)).start();
    }

    private String pem(TestCertificate certificate) throws Exception {
        Path chain = directory.resolve(certificate == RIGHT ? "right.pem" : "other.pem");
        certificate.writePem(chain, directory.resolve("key.pem"));
        return chain.toString();
    }
}

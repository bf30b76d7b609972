package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server only offers when an application asks for it, and each client that knows it. */
class OlderLoginsIT {
    private static final String LOGIN = "alice";
    private static final String PASSWORD = "open sesame";
    private static final int ITERATIONS = 4096;

    @TempDir
    private static Path scratch;

    private static Path chain;
    private static SmtpServer server;

    /** Keeps passwords as they are, for which alone there is a reason to offer these. */
    private static final class OlderLogins implements Authenticator {
        private final ScramCredential user = new ScramCredential(
                        LOGIN, Mechanism.SCRAM_SHA_1, new byte[16], ITERATIONS, List.of())
                .with("main", PASSWORD);

        @Override
        public Set<Mechanism> mechanisms() {
            return EnumSet.of(Mechanism.SCRAM_SHA_1, Mechanism.CRAM_MD5);
        }

        @Override
        public Optional<String> authenticate(String login, String password) {
            return Optional.empty();
        }

        @Override
        public Optional<ScramCredential> scram(String login, Mechanism mechanism) {
            return login.equals(LOGIN) ? Optional.of(user) : Optional.empty();
        }

        @Override
        public int scramIterations() {
            return ITERATIONS;
        }

        @Override
        public Optional<String> secret(String login) {
            return login.equals(LOGIN) ? Optional.of(PASSWORD) : Optional.empty();
        }
    }

    /** Wants the message, and keeps nothing. */
    private static final class Taking implements MessageSink {
        @Override
        public void write(ByteBuffer slice) {
            slice.position(slice.limit());
        }

        @Override
        public CompletionStage<Reply> complete() {
            return CompletableFuture.completedFuture(Reply.of(250, "2.0.0", "Taken"));
        }

        @Override
        public void abort() {}
    }

    @BeforeAll
    static void start() throws Exception {
        chain = scratch.resolve("chain.pem");
        Path key = scratch.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        server = SmtpServer.builder()
                .hostname("localhost")
                .tls(TlsContext.pem(chain, key))
                .authenticator(new OlderLogins())
                .handler((session, envelope) -> new Taking())
                .listen(Profile.submission().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "GSASL, SCRAM_SHA_1",
        "GSASL, CRAM_MD5",
        "SWAKS, CRAM_MD5",
        "CURL, CRAM_MD5",
        "MSMTP, SCRAM_SHA_1",
        "MSMTP, CRAM_MD5",
        "ANGUS, CRAM_MD5",
        "EHLO, SCRAM_SHA_1",
        "EHLO, SCRAM_SHA_1_PLUS",
        "EHLO, CRAM_MD5"
    })
    void letIn(LoginPeer peer, Mechanism mechanism) throws Exception {
        assertThat(login(peer, mechanism, PASSWORD)).as("refused").isEmpty();
        assertThat(login(peer, mechanism, "guessed")).isNotEmpty();
    }

    private static Optional<String> login(LoginPeer peer, Mechanism mechanism, String secret) throws Exception {
        Path message = Files.writeString(scratch.resolve("message.eml"), LoginPeer.MESSAGE, StandardCharsets.US_ASCII);
        int port = server.address("submission").getPort();
        return peer.login(
                scratch,
                new LoginPeer.Job(mechanism, port, LOGIN, secret, chain.toString(), "", "", message.toString()));
    }
}

package dev.ehlo.smtp.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the comparison of refused logins notices an authenticator that gives users away, and no other. */
@Timeout(120)
class LoginTimesTest {
    private static final int AT_ONCE = 40;
    /** On a machine that is so busy that one pair tells little. */
    private static final int AT_MOST = 600;

    private static Optional<String> hashed(String password, int iterations) {
        try {
            PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), new byte[16], iterations, 256);
            SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec);
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Measured until a difference is found, or so often. */
    private static LoginTimes refused(Authenticator authenticator, int atMost) throws Exception {
        Profile submissions = Profile.submissions().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (SmtpServer server = SmtpServer.builder()
                        .hostname("localhost")
                        .tls(TlsContext.selfSigned("localhost"))
                        .authenticator(authenticator)
                        .inlineHandler((session, envelope) -> MessageSink.refusing(Reply.of(554, "5.7.1", "No mail")))
                        .listen(submissions)
                        .start();
                Clients clients = new Clients()) {
            TlsContext tls = TlsContext.client(ClientTrust.insecure(), "localhost");
            LoginTimes times = new LoginTimes(clients, server.address("submissions"), tls, Mechanism.PLAIN);
            times.warmUp(2);
            do {
                times.measure(AT_ONCE);
            } while (!times.times().differ() && times.times().pairs() < atMost);
            return times;
        }
    }

    @Test
    void noticesAnAuthenticatorThatAnswersForUnknownUsersAtOnce() throws Exception {
        LoginTimes times = refused(
                (login, password) -> login.startsWith(LoginTimes.KNOWN) ? hashed(password, 20_000) : Optional.empty(),
                AT_MOST);
        assertThat(times.times().differ()).as("%s", times).isTrue();
    }

    @Test
    void passesAnAuthenticatorThatTakesAsLongForThem() throws Exception {
        LoginTimes times = refused((login, password) -> hashed(password, 2_000), AT_ONCE);
        assertThat(times.times().differ()).as("%s", times).isFalse();
    }
}

package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No argument of a public method breaks out of its line: it is refused before anything is written. */
class ArgumentsTest {
    @ParameterizedTest
    @ValueSource(strings = {"\r", "\n", "\0", "\r\nRSET\r\n"})
    void refusesCrLfAndNul(String evil) {
        assertRefused(() -> SmtpClient.builder().localName("client" + evil + ".example"));
        assertRefused(() -> Smarthost.relay("host" + evil, 25));
        assertRefused(() -> Smarthost.submission("host" + evil));
        assertRefused(() -> Smarthost.submissions("host" + evil));
        assertRefused(() -> Smarthost.submission("host").login("user" + evil, "secret"));
        assertRefused(() -> Smarthost.submission("host").login("user", "secret" + evil));
        assertRefused(() -> Smarthost.submission("host").loginEvenInClear("user" + evil, "secret"));
        assertRefused(() -> Credentials.password("user" + evil, "secret"));
        assertRefused(() -> Credentials.password("user", "secret" + evil));
        assertRefused(() -> Credentials.token("user" + evil, "token"));
        assertRefused(() -> Envelope.from("a" + evil + "@example.org"));
        assertRefused(() -> Envelope.from("a@example.org").to("b@example" + evil + ".net"));
        assertRefused(() -> new Mailbox("a" + evil, "example.org"));
        assertRefused(() -> new EsmtpParameter("ENVID" + evil, "x"));
        assertRefused(() -> new EsmtpParameter("ENVID", "x" + evil));
    }

    @Test
    void refusesCharactersThatWouldBecomeCrAndLfWhereTheyAreCutToOctets() {
        assertRefused(() -> SmtpClient.builder().localName("client\u760d\u760arset"));
        assertThat(new Mailbox("a\u760d\u760ab", "example.org").needsUtf8()).isTrue();
    }

    @Test
    void refusesEmptyAndOverlongCredentials() {
        assertRefused(() -> Smarthost.submission("host").login("", "secret"));
        assertRefused(() -> Smarthost.submission("host").login("user", ""));
        assertRefused(() -> Smarthost.submission("host").login("user", "x".repeat(10_000)));
    }

    @Test
    void refusesWhatWouldEndAFieldOfAToken() {
        assertRefused(() -> Credentials.token("user\1auth=Bearer x", "token"));
        assertRefused(() -> Credentials.token("", "token"));
        assertRefused(() -> Credentials.token("u".repeat(1025), "token"));
        assertRefused(() -> Credentials.token("user\ud800", "token"));
    }

    @Test
    void refusesMechanismsThatCredentialsAreNotFor() {
        assertRefused(() -> Credentials.password("user", "secret").only(Mechanism.XOAUTH2));
        assertRefused(() -> Credentials.password("user", "secret").only());
        assertRefused(() -> Credentials.token("user", "token").only(Mechanism.PLAIN));
        assertRefused(() -> Credentials.password("user", "a\tb").only(Mechanism.SCRAM_SHA_256));
        assertThat(Credentials.password("user", "a\tb").mechanisms())
                .containsExactly(Mechanism.CRAM_MD5, Mechanism.PLAIN, Mechanism.LOGIN);
    }

    @Test
    void sharesConnectionsBetweenCredentialsThatAreEqualByValue() {
        Credentials one = Credentials.password("user", "secret");
        assertThat(one)
                .isEqualTo(Credentials.password("user", "secret"))
                .hasSameHashCodeAs(Credentials.password("user", "secret"));
        assertThat(one).isNotEqualTo(Credentials.password("user", "other")).isNotEqualTo(one.only(Mechanism.PLAIN));
        TokenSupplier tokens = refused -> CompletableFuture.completedFuture("token");
        assertThat(Credentials.token("user", tokens))
                .isEqualTo(Credentials.token("user", tokens))
                .isNotEqualTo(Credentials.token("other", tokens));
        assertThat(Credentials.token("user", "token")).isEqualTo(Credentials.token("user", "token"));
        assertThat(Smarthost.submission("host").login("user", "secret").asLogin())
                .isEqualTo(Smarthost.submission("host").login("user", "secret").asLogin())
                .isNotEqualTo(Smarthost.submission("host")
                        .loginEvenInClear("user", "secret")
                        .asLogin());
    }

    @Test
    void refusesPortsThatAreNone() {
        assertRefused(() -> Smarthost.relay("host", 0));
        assertRefused(() -> Smarthost.submission("host").port(65_536));
    }

    @Test
    void showsNoCredentials() {
        Smarthost host = Smarthost.submission("host").login("user", "hunter2");
        assertThat(host.toString()).doesNotContain("hunter2");
        assertThat(host.credentials().toString()).contains("user").doesNotContain("hunter2");
        assertThat(String.valueOf(host.asLogin())).doesNotContain("hunter2");
        assertThat(Credentials.token("user", "hunter2").toString())
                .contains("user")
                .doesNotContain("hunter2");
        assertThat(Plans.plan(Plans.TO_TWO, TlsPolicy.none(), Plans.login("user", "hunter2", true))
                        .toString())
                .doesNotContain("hunter2");
    }

    @Test
    void requiresTlsWhereATrustOrAModeIsAskedFor() {
        Smarthost relay = Smarthost.relay("host", 25);
        assertThat(relay.isOpportunistic()).isTrue();
        assertThat(relay.tls(TlsMode.STARTTLS).isOpportunistic()).isFalse();
        assertThat(relay.trust(relay.trust()).isOpportunistic()).isFalse();
        assertThat(relay.port(2525).isOpportunistic()).isTrue();
    }

    @Test
    void verifiesAHostThatIsTrustedWithALogin() {
        Smarthost relay = Smarthost.relay("host", 25);
        for (Smarthost host : List.of(relay, relay.tls(TlsMode.STARTTLS), relay.port(2525))) {
            Smarthost known = host.login("user", "secret");
            assertThat(known.isOpportunistic()).isFalse();
            assertThat(known.tls()).isEqualTo(TlsMode.STARTTLS);
            assertThat(known.trust()).isNotSameAs(relay.trust());
        }
        ClientTrust any = ClientTrust.insecure();
        assertThat(relay.trust(any).login("user", "secret").trust()).isSameAs(any);
        assertThat(relay.login("user", "secret").trust(any).trust()).isSameAs(any);
        Smarthost open = relay.loginEvenInClear("user", "secret");
        assertThat(open.isOpportunistic()).isTrue();
        assertThat(open.trust()).isSameAs(relay.trust());
    }

    @ParameterizedTest
    @ValueSource(strings = {"app.example.org", "app", "[192.0.2.1]", "[IPv6:2001:db8::1]"})
    void takesADomainOrAnAddressLiteralForALocalName(String name) {
        assertThat(SmtpClient.builder().localName(name)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "app..example", "-app", "192.0.2.1]", "[app]", "app_1", "a@b", "(app)", "b\u00fccher.example"
            })
    void refusesALocalNameThatIsNeither(String name) {
        assertRefused(() -> SmtpClient.builder().localName(name));
    }

    private static void assertRefused(Runnable call) {
        assertThatIllegalArgumentException().isThrownBy(call::run);
    }

    @Test
    void refusesLmtpAtThePortOfSmtp() {
        assertThatIllegalArgumentException().isThrownBy(() -> Smarthost.lmtp("store.example", 25));
        assertThat(Smarthost.lmtp("store.example", 24).isLmtp()).isTrue();
    }
}

package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.1.2, true",
        "10.0.0.0/8, 11.0.0.0, false",
        "10.1.2.3/8, 10.9.9.9, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.128/25, 192.0.2.255, true",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, 2001:db8::1, true",
        "127.0.0.0/8, ::ffff:127.0.0.1, true",
    })
    void knowsWhichAddressesLieWithinANetwork(String network, String address, boolean within)
            throws UnknownHostException {
        assertThat(Network.parse(network).contains(InetAddress.getByName(address)))
                .isEqualTo(within);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "localhost/8",
                "10.0.0.0/33",
                "10.0.0/8",
                "10.0.0.256",
                "10.0.0.0/",
                "10.0.0.0/-1",
                "::/129",
                "::1%lo",
                "2001:db8::g",
                "1::2::3",
                "::ffff:10.0.0.0/104",
                "10.0.0.0/8/8",
                "+1.0.0.0"
            })
    void refusesWhatIsNoNetwork(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Network.parse(text));
    }

    @Test
    void comparesNetworksAsValues() {
        assertThat(Network.parse("10.0.0.0/8"))
                .isEqualTo(Network.parse("10.0.0.0/8"))
                .hasSameHashCodeAs(Network.parse("10.0.0.0/8"))
                .hasToString("10.0.0.0/8")
                .isNotEqualTo(Network.parse("10.0.0.0/9"));
    }

    @Test
    void derivesProfilesWithoutChangingThem() {
        Profile mx = Profile.mx();
        Profile other = mx.named("inner")
                .maxMessageOctets(5)
                .maxRecipients(6)
                .timeouts(Duration.ofSeconds(7), Duration.ofSeconds(8))
                .without(Extension.SIZE)
                .anyRecipient();
        assertThat(other.name()).isEqualTo("inner");
        assertThat(other.limits().maxMessageOctets()).isEqualTo(5);
        assertThat(other.limits().maxRecipients()).isEqualTo(6);
        assertThat(other.limits().times().time(SessionPhase.COMMAND)).isEqualTo(Duration.ofSeconds(7));
        assertThat(other.limits().times().time(SessionPhase.CONTENT)).isEqualTo(Duration.ofSeconds(8));
        assertThat(other.offers(Extension.SIZE)).isFalse();
        assertThat(other.isAnyRecipient()).isTrue();
        assertThat(mx).isEqualTo(Profile.mx());
    }

    @Test
    void refusesProfilesThatContradictThemselves() {
        assertThatIllegalArgumentException().isThrownBy(() -> Profile.mx().without(Extension.AUTH));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Profile.submission().without(Extension.AUTH));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Profile.submission().without(Extension.STARTTLS));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Profile.lmtp().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 25)))
                .withMessageContaining("25");
        assertThatIllegalArgumentException().isThrownBy(() -> Profile.mx().maxRecipients(0));
        assertThatIllegalArgumentException().isThrownBy(() -> Profile.mx().maxMessageOctets(-1));
    }

    @ParameterizedTest
    @CsvSource({
        "alice, alice@example.org, true",
        "alice, ALICE@Example.ORG, true",
        "alice, bob@example.org, false",
        "alice, alice@remote.example, false",
        "alice@remote.example, alice@remote.example, true",
        "alice@remote.example, alice@example.org, false",
        "alice, '\"alice\"@example.org', true",
    })
    void letsALoginSendInItsOwnName(String login, String sender, boolean owns) {
        assertThat(SenderRule.ownName(List.of("Example.org")).owns(login, Mailbox.parse(sender)))
                .isEqualTo(owns);
    }

    @Test
    void letsALoginSendOnlyWhatIsFromItselfAlone() {
        SenderRule own = SenderRule.ownName(List.of("example.org"));
        Mailbox alice = Mailbox.parse("alice@example.org");
        Mailbox bob = Mailbox.parse("bob@example.org");
        assertThat(own.ownsHeader("alice", List.of(alice, alice), Optional.of(alice)))
                .isTrue();
        assertThat(own.ownsHeader("alice", List.of(alice, bob), Optional.empty()))
                .isFalse();
        assertThat(own.ownsHeader("alice", List.of(alice), Optional.of(bob))).isFalse();
        assertThat(SenderRule.anySender().ownsHeader("alice", List.of(bob), Optional.of(bob)))
                .isTrue();
    }
}

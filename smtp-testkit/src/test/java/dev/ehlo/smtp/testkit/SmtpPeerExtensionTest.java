package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class SmtpPeerExtensionTest {
    private static final Set<ScriptedPeer> SEEN = new HashSet<>();

    @RegisterExtension
    final SmtpPeerExtension peers = new SmtpPeerExtension(ScriptedPeer.builder().hostname("mx.test"));

    private ScriptedPeer before;

    @BeforeEach
    void remembers(ScriptedPeer peer) {
        before = peer;
    }

    @RepeatedTest(2)
    void givesEachTestAPeerOfItsOwn(ScriptedPeer peer) throws Exception {
        assertThat(peer).isSameAs(before);
        assertThat(SEEN.add(peer)).isTrue();
        Transcript.parse("S: 220 mx.test *").run(peer.address());
    }

    @AfterAll
    static void closesThem() {
        assertThat(SEEN)
                .hasSize(2)
                .allSatisfy(peer -> assertThatThrownBy(
                                () -> Transcript.parse("S: 220 *").run(peer.address()))
                        .isInstanceOf(IOException.class));
    }

    @Test
    void needsNoParameterInTheTest() {
        assertThat(before.port()).isPositive();
    }
}

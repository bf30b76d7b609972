package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.codec.DataEncoder;
import dev.ehlo.smtp.server.Profile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sink is told of content that can go on by DATA as it came. */
class UnstuffedContentTest {
    private static final String MAIL = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.org>\r\n";

    private static MachinePeer mx(HandlerKind kind) {
        MachinePeer peer = new MachinePeer(Profile.mx(), "192.0.2.7", kind, Set.of(Extension.BINARYMIME));
        peer.say("");
        peer.say("EHLO client.example\r\n");
        return peer;
    }

    private static MachinePeer submission() {
        MachinePeer peer = new MachinePeer(Profile.submissions());
        peer.say("");
        peer.say("EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        return peer;
    }

    private static void send(MachinePeer peer, String stuffed) {
        assertThat(peer.say(MAIL + "DATA\r\n")).endsWith("354 End data with <CR><LF>.<CR><LF>\r\n");
        peer.say(stuffed + ".\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void isToldOnceTheContentIsWholeAndOfThatMessageAlone(HandlerKind kind) {
        MachinePeer peer = mx(kind);
        send(peer, "Subject: x\r\n\r\nbody\r\n");
        send(peer, "Subject: y\r\n\r\n..body\r\n");
        send(peer, "Subject: z\r\n\r\nbody\r\n");
        assertThat(peer.room.messages).hasSize(3);
        assertThat(peer.room.unstuffed)
                .containsExactly(
                        peer.room.messages.get(0).content(),
                        peer.room.messages.get(2).content());
    }

    @Test
    void isNotToldOfChunks() {
        MachinePeer peer = mx(HandlerKind.BLOCKING);
        assertThat(peer.say(MAIL + "BDAT 12 LAST\r\nbody\r\nbody\r\n")).contains("250 2.0.0 queued as 1");
        assertThat(peer.room.unstuffed).isEmpty();
    }

    @Property(tries = 500)
    void whatIsSaidToNeedNoStuffingIsTheSameStuffed(@ForAll("contents") String stuffed, @ForAll boolean submitted) {
        MachinePeer peer = submitted ? submission() : mx(HandlerKind.INLINE);
        send(peer, (submitted ? "From: alice@example.org\r\n" : "") + stuffed);
        for (String each : peer.room.unstuffed) {
            ByteBuffer wire = ByteBuffer.allocate(2 * each.length() + DataEncoder.FINISH_ROOM + 1);
            DataEncoder encoder = new DataEncoder();
            encoder.encode(ByteBuffer.wrap(each.getBytes(StandardCharsets.ISO_8859_1)), wire);
            encoder.finish(wire);
            assertThat(new String(wire.array(), 0, wire.position(), StandardCharsets.ISO_8859_1))
                    .isEqualTo(each + ".\r\n");
        }
        if (("\r\n" + stuffed).indexOf("\r\n.") < 0 && stuffed.indexOf(0) < 0) {
            assertThat(peer.room.unstuffed).hasSameSizeAs(peer.room.messages);
        }
    }

    @Provide
    Arbitrary<String> contents() {
        return Arbitraries.of(
                        "Bcc: a",
                        " folded",
                        "Return-Path: <a@b>",
                        "Subject: x",
                        "..",
                        "..dot",
                        ".dot",
                        "\0.dot",
                        "\0",
                        "",
                        "",
                        "text",
                        "no field.",
                        " .")
                .list()
                .ofMaxSize(8)
                .map(lines -> lines.isEmpty() ? "" : String.join("\r\n", lines) + "\r\n");
    }
}

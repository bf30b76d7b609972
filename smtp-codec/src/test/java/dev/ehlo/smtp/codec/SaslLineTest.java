package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class SaslLineTest {
    private static final Pattern BASE64 =
            Pattern.compile("(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?");

    /** Slow and plain: of the right form, and what encodes back to the same line. */
    private static Optional<byte[]> reference(String line) {
        if (!BASE64.matcher(line).matches()) {
            return Optional.empty();
        }
        byte[] message = Base64.getDecoder().decode(line);
        return Base64.getEncoder().encodeToString(message).equals(line) ? Optional.of(message) : Optional.empty();
    }

    private static Optional<byte[]> decoded(String latin1, boolean direct) {
        byte[] octets = Wire.octets("x" + latin1 + "=");
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(octets.length) : ByteBuffer.allocate(octets.length);
        in.put(octets).flip();
        Optional<byte[]> message = SaslLine.decode(in, 1, octets.length - 1);
        assertThat(in.position()).isZero();
        return message;
    }

    @Provide
    Arbitrary<String> lines() {
        Arbitrary<String> groups = Arbitraries.of(
                "AAAA", "QUJD", "QQ==", "QR==", "QUI=", "QUJ=", "Q===", "=", "A", "AB", "*", "+/+/", "-_-_", " ",
                "\r\n", "\u00e4", "\0", "====", "");
        return groups.list().ofMaxSize(4).map(list -> String.join("", list));
    }

    @Property
    void decodesAsTheReferenceDoes(@ForAll("lines") String line, @ForAll boolean direct) {
        Optional<byte[]> expected = reference(line);
        Optional<byte[]> message = decoded(line, direct);
        assertThat(message.isPresent()).isEqualTo(expected.isPresent());
        message.ifPresent(octets -> assertThat(octets).isEqualTo(expected.get()));
    }

    @Property
    void anyOctetsAreDecodedAsTheReferenceDoes(@ForAll @Size(max = 12) byte[] octets) {
        assertThat(decoded(Wire.latin1(octets), false).isPresent())
                .isEqualTo(reference(Wire.latin1(octets)).isPresent());
    }

    @Property
    void whatIsEncodedIsDecodedBack(@ForAll @Size(max = 300) byte[] message, @ForAll boolean direct) {
        assertThat(decoded(SaslLine.encode(message), direct)).contains(message);
        Command command = new Command();
        byte[] line = Wire.lines("AUTH X " + SaslLine.encodeInitial(message));
        assertThat(new CommandParser().parse(ByteBuffer.wrap(line), command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(SaslLine.initialResponse(command)).contains(message);
    }

    @Example
    void takesNoSecondForm() {
        for (String line : new String[] {
            // Of 4n+3 characters, of 4n+1, without padding, with unused bits, with white space, in another alphabet.
            "AGFsaWNlAHNlY3JldA=",
            "AGFsa",
            "QQ",
            "QR==",
            "QUJ=",
            "QU JD",
            "QUJD ",
            "-_-_",
            "Q===",
            "====",
            "=",
            "QQ==QQ=="
        }) {
            assertThat(decoded(line, false)).as(line).isEmpty();
        }
        assertThat(decoded("", false)).contains(new byte[0]);
    }

    @Example
    void readsTheLinesOfADialogue() {
        CommandParser parser = new CommandParser();
        Command command = new Command();
        ByteBuffer in =
                ByteBuffer.wrap(Wire.lines("AUTH PLAIN =", "AUTH PLAIN", "AUTH PLAIN QQ==", "*", "QUI=", "", "**"));

        assertThat(parser.parse(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.hasInitialResponse()).isTrue();
        assertThat(SaslLine.initialResponse(command)).contains(new byte[0]);
        parser.parse(in, command);
        assertThat(command.hasInitialResponse()).isFalse();
        assertThat(SaslLine.initialResponse(command)).isEmpty();
        parser.parse(in, command);
        assertThat(SaslLine.initialResponse(command)).contains(new byte[] {'A'});
        parser.parseLine(in, command);
        assertThat(SaslLine.isCancel(command)).isTrue();
        parser.parseLine(in, command);
        assertThat(SaslLine.isCancel(command)).isFalse();
        assertThat(SaslLine.response(command)).contains(new byte[] {'A', 'B'});
        parser.parseLine(in, command);
        assertThat(SaslLine.response(command)).contains(new byte[0]);
        parser.parseLine(in, command);
        assertThat(SaslLine.isCancel(command)).isFalse();
        assertThat(SaslLine.response(command)).isEmpty();
    }

    @Example
    void capsTheMessageAtWhatALineHolds() {
        byte[] longest = new byte[SaslLine.MAX_MESSAGE];
        Arrays.fill(longest, (byte) 'x');
        String line = SaslLine.encode(longest);
        assertThat(line.length() + 2).isLessThanOrEqualTo(CommandParser.MAX_AUTH_LINE);
        assertThat(line.length() + 2).isGreaterThan(CommandParser.MAX_AUTH_LINE - 4);
        assertThat(decoded(line, true)).contains(longest);
        assertThat(decoded(line + "AAAA", true)).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> SaslLine.encode(new byte[SaslLine.MAX_MESSAGE + 1]));
    }

    @Example
    void leavesNothingOfAMalformedMessageInTheCallersArray() {
        byte[] message = {1, 2, 3, 4, 5, 6};
        assertThat(SaslLine.decode(ByteBuffer.wrap(Wire.octets("QUJDQU!=")), 0, 8, message))
                .isEqualTo(-1);
        assertThat(message).containsOnly(0);
        message[0] = 1;
        assertThat(SaslLine.decode(ByteBuffer.wrap(Wire.octets("QUJ")), 0, 3, message))
                .isEqualTo(-1);
        assertThat(message).containsOnly(0);
        assertThat(SaslLine.decode(ByteBuffer.wrap(Wire.octets("QUJD")), 0, 4, message))
                .isEqualTo(3);
        assertThat(message).containsExactly('A', 'B', 'C', 0, 0, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SaslLine.decode(ByteBuffer.wrap(Wire.octets("QUJD")), 0, 4, new byte[2]));
    }
}

package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.grammar.Paths;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CommandEncoderTest {
    private final ByteBuffer out = ByteBuffer.allocate(4096);

    @Provide
    Arbitrary<Mailbox> mailboxes() {
        return Paths.mailboxes()
                .map(octets -> new String(Wire.octets(octets), StandardCharsets.UTF_8))
                .filter(CommandEncoderTest::isMailbox)
                .map(Mailbox::parse);
    }

    @Provide
    Arbitrary<EsmtpParameters> ofMail() {
        return parameters(Arbitraries.of(
                EsmtpParameter.size(Long.MAX_VALUE),
                EsmtpParameter.body(BodyType.BINARY_MIME),
                EsmtpParameter.smtpUtf8(),
                EsmtpParameter.envelopeId("a = b")));
    }

    @Provide
    Arbitrary<EsmtpParameters> ofRcpt() {
        return parameters(Arbitraries.of(
                EsmtpParameter.notifications(DsnNotify.NEVER),
                EsmtpParameter.originalRecipient(new OriginalRecipient("utf-8", "\u00e9\u20ac@\u00e9"))));
    }

    private static Arbitrary<EsmtpParameters> parameters(Arbitrary<EsmtpParameter> known) {
        Arbitrary<EsmtpParameter> unknown = Combinators.combine(
                        Arbitraries.strings()
                                .withCharRange('A', 'Z')
                                .withChars("09-")
                                .ofMinLength(1)
                                .ofMaxLength(8),
                        Arbitraries.strings()
                                .withCharRange('!', '~')
                                .withChars("é\u2028€")
                                .ofMinLength(1)
                                .ofMaxLength(20)
                                .injectNull(0.3))
                .filter((keyword, value) -> !keyword.startsWith("-")
                        && (value == null || value.indexOf('=') < 0)
                        && EsmtpKeyword.find(keyword).isEmpty())
                .as(EsmtpParameter::new);
        return Arbitraries.oneOf(known, unknown)
                .list()
                .ofMaxSize(8)
                .uniqueElements(EsmtpParameter::keyword)
                .map(EsmtpParameters::new);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void anEnvelopeIsParsedBackToItself(
            @ForAll("mailboxes") Mailbox from,
            @ForAll("ofMail") EsmtpParameters mail,
            @ForAll("mailboxes") Mailbox to,
            @ForAll("ofRcpt") EsmtpParameters rcpt) {
        // Postmaster without a domain gets mail and sends none.
        ReversePath sender = new ReversePath(from.domain().isEmpty() ? null : from);
        Envelope envelope = new Envelope(sender, mail, List.of(new Recipient(to, rcpt)));
        CommandEncoder.mail(out.clear(), envelope, mail);
        CommandEncoder.rcpt(out, envelope.recipients().get(0), rcpt);
        CommandParser parser = new CommandParser(Set.of(Leniency.UNKNOWN_PARAMETER));
        Command command = new Command();

        assertThat(parser.parse(out.flip(), command)).isEqualTo(ParseResult.COMPLETE);
        ReversePath reversePath = command.toReversePath();
        EsmtpParameters parameters = command.toParameters();
        assertThat(parser.parse(out, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(new Envelope(
                        reversePath,
                        parameters,
                        List.of(new Recipient(command.toForwardPath(), command.toParameters()))))
                .isEqualTo(envelope);
    }

    private static boolean isMailbox(String text) {
        try {
            Mailbox.parse(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Example
    void writesCommands() {
        CommandEncoder.command(out, Verb.EHLO, "client.example");
        CommandEncoder.mail(out, Envelope.from(""), EsmtpParameters.NONE);
        CommandEncoder.rcpt(out, new Recipient(Mailbox.POSTMASTER, EsmtpParameters.NONE), EsmtpParameters.NONE);
        CommandEncoder.command(out, Verb.QUIT, "");
        assertThat(Wire.latin1(java.util.Arrays.copyOf(out.array(), out.position())))
                .isEqualTo("EHLO client.example\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nQUIT\r\n");
    }

    @Example
    void writesWhatIsParsedBack() {
        ClientAttributes client = ClientAttributes.parse(Verb.XCLIENT, "ADDR=192.0.2.9 HELO=a+2Bb")
                .orElseThrow();
        CommandEncoder.bdat(out, Long.MAX_VALUE, true);
        CommandEncoder.auth(out, "SCRAM-SHA-256", new byte[0]);
        CommandEncoder.auth(out, "PLAIN", null);
        CommandEncoder.client(out, client);
        CommandParser parser = new CommandParser();
        Command command = new Command();

        assertThat(parser.parse(out.flip(), command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.chunkOctets()).isEqualTo(Long.MAX_VALUE);
        assertThat(command.isLastChunk()).isTrue();
        assertThat(parser.parse(out, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.copyMechanism()).isEqualTo("SCRAM-SHA-256");
        assertThat(SaslLine.initialResponse(command))
                .hasValueSatisfying(r -> assertThat(r).isEmpty());
        assertThat(parser.parse(out, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.hasInitialResponse()).isFalse();
        assertThat(parser.parse(out, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(ClientAttributes.parse(command.verb(), command.copyArgument()))
                .hasValue(client);
        assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.bdat(out, -1, false));
        assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.auth(out, "PLAIN", new byte[400]));
        for (String bad : List.of("", "PLAIN\r\nRSET", "A B", "x".repeat(21), "\u00e9")) {
            assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.auth(out, bad, null));
        }
    }

    @Example
    void refusesWhatCouldEndTheLineAndPutsNothing() {
        for (String bad : List.of("a\r\nRSET", "a\nb", "a\rb", "a\0b", "a\u007f", "\ud800", "a\u0009")) {
            assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.command(out, Verb.EHLO, bad));
            assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.line(out, bad));
            assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter("ENVID", bad));
            assertThatIllegalArgumentException().isThrownBy(() -> new EsmtpParameter(bad, null));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.command(out, Verb.UNKNOWN, ""));
        for (Verb verb : List.of(Verb.MAIL, Verb.RCPT, Verb.BDAT, Verb.AUTH, Verb.DATA, Verb.QUIT)) {
            assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.command(out, verb, "x"));
        }
        for (Verb verb : List.of(Verb.EHLO, Verb.VRFY, Verb.ETRN)) {
            assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.command(out, verb, ""));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> CommandEncoder.command(out, Verb.EHLO, "a b"));
        assertThat(out.position()).isZero();
    }

    @Example
    void aWideCharacterIsNotNarrowedToANewline() {
        CommandEncoder.line(out, "NOOP \u760d\u760a");
        assertThat(Wire.latin1(java.util.Arrays.copyOf(out.array(), out.position())))
                .isEqualTo("NOOP " + Wire.utf8("\u760d\u760a") + "\r\n");
    }

    @Example
    void putsAWholeLineOrNothing() {
        ByteBuffer small = ByteBuffer.allocate(5);
        assertThatExceptionOfType(BufferOverflowException.class)
                .isThrownBy(() -> CommandEncoder.command(small, Verb.QUIT, ""));
        assertThat(small.position()).isZero();
    }
}

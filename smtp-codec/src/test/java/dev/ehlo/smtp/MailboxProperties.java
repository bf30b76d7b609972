package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.grammar.Paths;
import dev.ehlo.smtp.grammar.ReferenceGrammar;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MailboxProperties {
    @Provide
    Arbitrary<String> texts() {
        return Paths.mailboxes()
                .map(octets -> new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    @Provide
    Arbitrary<String> localParts() {
        return Arbitraries.strings().withChars("ab.@\"\\ <>!é€\u00a0").ofMaxLength(12);
    }

    @Property(tries = 4000)
    void parsesAsTheReference(@ForAll("texts") String text) {
        Mailbox expected = ReferenceGrammar.mailbox(
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));

        if (text.equalsIgnoreCase("postmaster")) {
            assertThat(Mailbox.parse(text)).isEqualTo(Mailbox.POSTMASTER);
        } else if (expected == null) {
            assertThatThrownBy(() -> Mailbox.parse(text)).isInstanceOf(IllegalArgumentException.class);
        } else {
            assertThat(Mailbox.parse(text)).isEqualTo(expected);
            assertThat(Mailbox.parse(expected.toString())).isEqualTo(expected);
            assertThat(ReversePath.parse(expected.toString()).mailbox()).isEqualTo(expected);
        }
    }

    @Property
    void quotesAnyLocalPartSoThatItComesBack(@ForAll("localParts") String localPart) {
        Mailbox mailbox = new Mailbox(localPart, "example.org");

        assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
    }
}

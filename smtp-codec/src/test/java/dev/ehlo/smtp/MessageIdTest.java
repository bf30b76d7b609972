package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class MessageIdTest {
    private static final Instant NOW = Instant.parse("2026-11-21T20:29:15Z");
    private static final String ATOM = "[A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~]+";
    private static final String DOT_ATOM = ATOM + "(?:\\." + ATOM + ")*";
    private static final Pattern ID =
            Pattern.compile("[ \t\r\n]*<(" + DOT_ATOM + ")@(" + DOT_ATOM + "|\\[[!-Z^-~]*\\])>[ \t\r\n]*");

    private static Optional<MessageId> reference(String text) {
        var matcher = ID.matcher(text);
        return matcher.matches() ? Optional.of(new MessageId(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    @Provide
    Arbitrary<String> ids() {
        return Arbitraries.of(
                        "<",
                        "<",
                        "a",
                        "a",
                        "b",
                        ".",
                        "@",
                        "@",
                        "[",
                        "]",
                        "[IPv6:::1]",
                        ">",
                        ">",
                        " ",
                        "\r\n\t",
                        "\"",
                        "\\",
                        "(",
                        "!",
                        "\u00e4",
                        "\0",
                        "\ud800",
                        "x-y")
                .list()
                .ofMaxSize(10)
                .map(list -> String.join("", list));
    }

    @Property(tries = 4000)
    void readsWhatTheReferenceReads(@ForAll("ids") String text) {
        Optional<MessageId> id = MessageId.find(text);
        assertThat(id).isEqualTo(reference(text));
        id.ifPresent(read -> assertThat(MessageId.find(read.toString())).contains(read));
        Optional<MessageId> bracketed = MessageId.find('<' + text + '>');
        assertThat(bracketed).isEqualTo(reference('<' + text + '>'));
    }

    @Property
    void anyTextIsAnIdOrNone(@ForAll String text) {
        assertThat(MessageId.find(text)).isEqualTo(reference(text));
    }

    @Example
    void saysBothParts() {
        assertThat(MessageId.find(" <a.1$b@mx.example>\r\n")).contains(new MessageId("a.1$b", "mx.example"));
        assertThat(new MessageId("a", "[192.0.2.1]")).hasToString("<a@[192.0.2.1]>");
        assertThat(MessageId.find("a@b")).isEmpty();
        assertThat(MessageId.find("<a@b> <c@d>")).isEmpty();
    }

    @Example
    void refusesPartsThatCouldNotStandInAField() {
        for (String part :
                new String[] {"", ".a", "a.", "a..b", "a b", "a\r\n", "a>", "<a", "a@b", "\u00e4", "\"a\"", "[a"}) {
            assertThatIllegalArgumentException().as(part).isThrownBy(() -> new MessageId(part, "b"));
            assertThatIllegalArgumentException().as(part).isThrownBy(() -> new MessageId("a", part));
        }
        for (String literal :
                new String[] {"[", "]", "[a]b]", "[a[b]", "[a b]", "[\\]", "[\u00e4]", "[\u007f]", "[\r\n]"}) {
            assertThatIllegalArgumentException().as(literal).isThrownBy(() -> new MessageId("a", literal));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MessageId("a\r\nBcc", "b"))
                .withMessageContaining("a\\u000d\\u000aBcc");
    }

    @Example
    void fitsALine() {
        String left = "x".repeat(MessageId.MAX_LENGTH - 4);
        MessageId longest = new MessageId(left, "y");
        assertThat(longest.toString()).hasSize(MessageId.MAX_LENGTH);
        assertThat(("Message-ID: " + longest).length()).isEqualTo(998);
        assertThat(MessageId.find("\r\n " + longest + ' ')).contains(longest);
        assertThat(MessageId.find("<x" + left + "@y>")).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageId(left, "yy"));
    }

    @Example
    void makesIdsOfTimeAndChanceAlone() {
        MessageIds ids = new MessageIds("mx.example", () -> NOW, () -> -1L);
        assertThat(ids.next())
                .isEqualTo(new MessageId(
                        Long.toString(NOW.toEpochMilli(), 36) + ".3w5e11264sgsf.3w5e11264sgsf", "mx.example"));
    }

    @Example
    void repeatsNoIdThoughTheClockStands() {
        MessageIds ids = new MessageIds("mx.example", () -> NOW, new SecureRandom());
        Set<MessageId> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(seen.add(ids.next())).isTrue();
        }
    }

    @Property(tries = 200)
    void idsAreLegalWhateverTheClockAndChanceSay(@ForAll long millis, @ForAll long seed) {
        for (String domain : new String[] {"mx.example", "[192.0.2.1]", "[IPv6:2001:db8::1]", "b\u00fccher.example"}) {
            MessageId id = new MessageIds(domain, () -> Instant.ofEpochMilli(millis), new Random(seed)).next();
            assertThat(MessageId.find(id.toString())).contains(id);
        }
    }

    @Example
    void aDomainBecomesWhatMayStandBehindTheSign() {
        Random random = new Random(1);
        assertThat(new MessageIds("b\u00fccher.example", () -> NOW, random)
                        .next()
                        .right())
                .isEqualTo("xn--bcher-kva.example");
        assertThat(new MessageIds("[IPv6:2001:db8::1]", () -> NOW, random)
                        .next()
                        .right())
                .isEqualTo("[IPv6:2001:db8::1]");
        for (String domain : new String[] {"", "a b", "a..b", "[a b]", "a\r\n"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new MessageIds(domain, () -> NOW, random));
        }
    }
}

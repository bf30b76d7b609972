package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mailbox;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressListTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@b.example|a@b.example",
                "<a@b.example>|a@b.example",
                " Alice <a@b.example>\r\n|a@b.example",
                "Alice B. Carroll <a@b.example>|a@b.example",
                "\"ceo@corp.example\" <a@b.example>|a@b.example",
                "\"say \\\"hi, <x@y.example>\\\"\" <a@b.example>|a@b.example",
                "=?utf-8?q?ceo=40corp.example?= <a@b.example>|a@b.example",
                "=?utf-8?b?Y2VvQGNvcnA=?=\r\n =?utf-8?q?_x?= <a@b.example>|a@b.example",
                "(ceo@corp.example) a@b.example (\\) and (more))|a@b.example",
                "a (one) . (two) c (x) @ (y) b\r\n .\r\n\texample|a.c@b.example",
                "\"a b\"@b.example|\"a b\"@b.example",
                "\"a\".b@c.example|a.b@c.example",
                "a@[192.0.2.1], <b@[IPv6:2001:db8::1]>|a@[192.0.2.1] b@[IPv6:2001:db8::1]",
                "a@b.example, C <c@d.example>,\r\n e@f.example|a@b.example c@d.example e@f.example",
                ",, a@b.example,, ,|a@b.example",
                "<@x.example,@y.example:a@b.example>|a@b.example",
                "<,,@x.example,,@y.example,:a@b.example>|a@b.example",
                "Us: a@b.example, C <c@d.example>;|a@b.example c@d.example",
                "Us: a@b.example;, c@d.example|a@b.example c@d.example",
                "J\u00fcrgen <j\u00fcrgen@b\u00fccher.example>|j\u00fcrgen@b\u00fccher.example",
            })
    void findsTheMailboxes(String textAndExpected) {
        int bar = textAndExpected.indexOf('|');
        String text = textAndExpected.substring(0, bar);
        String expected = textAndExpected.substring(bar + 1);
        List<Mailbox> mailboxes = AddressList.mailboxes(text).orElseThrow();
        assertThat(mailboxes.stream().map(Mailbox::toString).collect(Collectors.joining(" ")))
                .isEqualTo(expected);
        assertThat(ReferenceAddressList.mailboxes(text)).contains(mailboxes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \r\n", ",", "Undisclosed recipients:;", "a:;, b: (nobody) ;"})
    void findsThatNobodyIsNamed(String text) {
        assertThat(AddressList.mailboxes(text)).contains(List.of());
        assertThat(ReferenceAddressList.mailboxes(text)).contains(List.of());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "root",
                "Alice",
                "<>",
                "a@",
                "@b.example",
                "a@b.example c@d.example",
                "<a@b.example> c@d.example",
                "a@b.example <c@d.example>",
                "<a@b.example> <c@d.example>",
                "<a@b.example><c@d.example>",
                "a@b.example; c@d.example",
                "<a@b.example",
                "a@b.example>",
                "<<a@b.example>>",
                "<a@b.example, c@d.example>",
                "\"a@b.example",
                "\"a\\",
                "(a@b.example",
                "((x) a@b.example",
                "a@b.example)",
                "a@b.example (x\\",
                "a@[192.0.2.1",
                "a@[192.0.2.1]]",
                "a@[x\\]",
                "a@b.example.",
                "a..b@c.example",
                ".a@c.example",
                "a.@c.example",
                "a b@c.example",
                "a@b c.example",
                "a@b.example@c.example",
                "Us: a@b.example",
                "Us: Them: a@b.example;;",
                "Us: a@b.example; c@d.example",
                ": a@b.example;",
                ".: a@b.example;",
                "a@b.example;",
                "<@x.example a@b.example>",
                "<@x.example@y.example:a@b.example>",
                "<@:a@b.example>",
                "<,a@b.example>",
                "a@b.example\r\nc@d.example",
                "a@b.example\nX: y",
                "a@b.example\rX: y",
                "a@b.\0example",
                "\"a\r\nb\" <a@b.example>",
                "a\u007f@b.example",
                "=?utf-8?q?M\u00fcller,_A.?= <a@b.example>",
                "a\\b@c.example",
                "a@-b.example",
            })
    void isSureOfNothingWhereReadersDiffer(String text) {
        assertThat(AddressList.mailboxes(text)).isEmpty();
        assertThat(ReferenceAddressList.mailboxes(text)).isEmpty();
    }

    @Test
    void readsSoMuchAndNoMore() {
        String one = "a@b.example,";
        assertThat(AddressList.mailboxes(one.repeat(AddressList.MAX_MAILBOXES)).orElseThrow())
                .hasSize(AddressList.MAX_MAILBOXES);
        assertThat(AddressList.mailboxes(one.repeat(AddressList.MAX_MAILBOXES + 1)))
                .isEmpty();
        assertThat(AddressList.mailboxes(" ".repeat(AddressList.MAX_TEXT))).isPresent();
        assertThat(AddressList.mailboxes(" ".repeat(AddressList.MAX_TEXT + 1))).isEmpty();
        int depth = AddressList.MAX_TEXT / 2;
        assertThat(AddressList.mailboxes("(".repeat(depth) + ")".repeat(depth))).isPresent();
        assertThat(AddressList.mailboxes("(".repeat(depth))).isEmpty();
    }

    @Property(tries = 5000)
    void readsAsTheReferenceDoes(@ForAll("soups") String text) {
        assertThat(AddressList.mailboxes(text)).isEqualTo(ReferenceAddressList.mailboxes(text));
    }

    @Provide
    Arbitrary<String> soups() {
        return Arbitraries.of(
                        "a",
                        "b.c",
                        "x@y.example",
                        "<",
                        ">",
                        "@",
                        ",",
                        ";",
                        ":",
                        ".",
                        " ",
                        "\"",
                        "\"q d\"",
                        "(",
                        ")",
                        "(c)",
                        "\\",
                        "[",
                        "]",
                        "[192.0.2.1]",
                        "\r\n ",
                        "\r\n",
                        "\r",
                        "\n",
                        "\0",
                        "\u00fc",
                        "\t",
                        "=?u?q?x?=")
                .list()
                .ofMaxSize(14)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 2000)
    void findsWhatWasWrittenHoweverItIsWritten(
            @ForAll("mailboxes") List<Mailbox> mailboxes,
            @ForAll("blanks") List<String> blanks,
            @ForAll List<Boolean> shapes) {
        StringBuilder text = new StringBuilder();
        int n = 0;
        for (Mailbox mailbox : mailboxes) {
            String blank = blanks.get(n % blanks.size());
            String address = local(mailbox) + blank + '@' + blank + mailbox.domain();
            boolean named = n < shapes.size() && shapes.get(n);
            text.append(n == 0 ? "" : "," + blank)
                    .append(named ? "\"n, <x@y>\"" + blank + "A. (c)<" + blank + address + ">" : address)
                    .append(blank);
            n++;
        }
        assertThat(AddressList.mailboxes(text.toString())).contains(mailboxes);
        assertThat(AddressList.mailboxes("All of us:" + text + ";")).contains(mailboxes);
    }

    private static String local(Mailbox mailbox) {
        String whole = mailbox.toString();
        return whole.substring(0, whole.length() - mailbox.domain().length() - 1);
    }

    @Provide
    Arbitrary<List<Mailbox>> mailboxes() {
        Arbitrary<String> local = Arbitraries.strings()
                .withChars("ab.\"\\ @,<>();:\u00fc")
                .ofMinLength(1)
                .ofMaxLength(9);
        Arbitrary<String> domain = Arbitraries.of("b.example", "[192.0.2.1]", "x-y.z.example", "b\u00fccher.example");
        return Combinators.combine(local, domain)
                .as(Mailbox::new)
                .list()
                .ofMaxSize(5)
                .map(ArrayList::new);
    }

    @Provide
    Arbitrary<List<String>> blanks() {
        return Arbitraries.of("", " ", "\r\n ", "\r\n\t\r\n ", "(a (nested) \\) \"one)", " (@) ")
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }
}

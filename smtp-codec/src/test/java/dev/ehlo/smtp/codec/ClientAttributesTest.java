package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCases;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ClientAttributesTest {
    private static Optional<ClientAttributes> xclient(String argument) {
        return ClientAttributes.parse(Verb.XCLIENT, argument);
    }

    private static Optional<ClientAttributes> xforward(String argument) {
        return ClientAttributes.parse(Verb.XFORWARD, argument);
    }

    @Provide
    Arbitrary<ClientAttributes> attributes() {
        Arbitrary<String> word =
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(255);
        Arbitrary<String> name =
                Arbitraries.oneOf(word, Arbitraries.of("[UNAVAILABLE]", "[tempunavail]", "mx.example"));
        Arbitrary<String> address = Arbitraries.of("192.0.2.1", "IPV6:2001:db8::1", "ipv6:::", "[UNAVAILABLE]");
        Arbitrary<String> port = Arbitraries.integers().between(0, 65535).map(String::valueOf);
        Arbitrary<String> login = Arbitraries.strings()
                .withCharRange('\u00a1', '\u04ff')
                .withChars(" =+a")
                .ofMinLength(1)
                .ofMaxLength(255);
        Arbitrary<Map<ClientAttribute, String>> xclient = Combinators.combine(
                        name, address, port, Arbitraries.of("SMTP", "esmtp"), login)
                .as((n, a, p, proto, l) -> Map.of(
                        ClientAttribute.NAME, n,
                        ClientAttribute.ADDR, a,
                        ClientAttribute.PORT, p,
                        ClientAttribute.PROTO, proto,
                        ClientAttribute.HELO, n,
                        ClientAttribute.LOGIN, l,
                        ClientAttribute.DESTADDR, a,
                        ClientAttribute.DESTPORT, p));
        Arbitrary<Map<ClientAttribute, String>> xforward = Combinators.combine(
                        name, address, word, Arbitraries.of("LOCAL", "remote"))
                .as((n, a, w, source) -> Map.of(
                        ClientAttribute.NAME, n,
                        ClientAttribute.ADDR, a,
                        ClientAttribute.PROTO, w.substring(0, Math.min(64, w.length())),
                        ClientAttribute.IDENT, w,
                        ClientAttribute.SOURCE, source));
        Arbitrary<ClientAttributes> all = Arbitraries.oneOf(
                xclient.map(values -> new ClientAttributes(Verb.XCLIENT, values)),
                xforward.map(values -> new ClientAttributes(Verb.XFORWARD, values)));
        return Combinators.combine(all, Arbitraries.subsetOf(ClientAttribute.values()))
                .as((whole, left) -> {
                    Map<ClientAttribute, String> some = new HashMap<>(whole.values());
                    some.keySet().removeAll(left);
                    return some.isEmpty() ? whole : new ClientAttributes(whole.verb(), some);
                })
                .edgeCases(EdgeCases.Config::none); // of all together there are more than tries
    }

    @Property
    void whatIsSentIsParsedBack(@ForAll("attributes") ClientAttributes attributes) {
        assertThat(ClientAttributes.parse(attributes.verb(), attributes.toString()))
                .contains(attributes);
    }

    @Property
    void passesThroughACommandLine(@ForAll("attributes") ClientAttributes attributes) {
        ByteBuffer line = ByteBuffer.allocate(16 * 1024);
        CommandEncoder.command(line, attributes.verb(), attributes.toString());
        if (line.position() > CommandParser.MAX_COMMAND_LINE) {
            return;
        }
        Command command = new Command();
        assertThat(new CommandParser().parse(line.flip(), command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(ClientAttributes.parse(command.verb(), command.copyArgument()))
                .contains(attributes);
    }

    @Provide
    Arbitrary<String> soup() {
        return Arbitraries.of(
                        "NAME",
                        "addr",
                        "PORT",
                        "PROTO",
                        "HELO",
                        "LOGIN",
                        "DESTADDR",
                        "DESTPORT",
                        "IDENT",
                        "SOURCE",
                        "=",
                        "=",
                        " ",
                        "a",
                        "+20",
                        "+C3+A4",
                        "+FF",
                        "+0A",
                        "+",
                        "192.0.2.1",
                        "IPV6:::1",
                        "25",
                        "65536",
                        "[UNAVAILABLE]",
                        "SMTP",
                        "LOCAL",
                        "\0",
                        "\u00e4",
                        "\ud800")
                .list()
                .ofMaxSize(12)
                .map(list -> String.join("", list));
    }

    @Property(tries = 4000)
    void whatIsParsedCanBeSent(@ForAll("soup") String argument, @ForAll boolean forward) {
        Verb verb = forward ? Verb.XFORWARD : Verb.XCLIENT;
        ClientAttributes.parse(verb, argument)
                .ifPresent(parsed -> assertThat(ClientAttributes.parse(verb, parsed.toString()))
                        .contains(parsed));
    }

    @Property
    void anyTextIsAttributesOrNone(@ForAll String argument) {
        assertThat(xclient(argument)).isNotNull();
        assertThat(xforward("NAME=" + argument)).isNotNull();
    }

    @Example
    void tellsTheClient() throws UnknownHostException {
        ClientAttributes told = xclient(
                        "name=spike.example addr=IPv6:2001:db8::1 Port=40000 PROTO=esmtp HELO=[192.0.2.1]"
                                + " LOGIN=a+20b+C3+A4 DESTADDR=192.0.2.2 DESTPORT=[unavailable]")
                .orElseThrow();
        assertThat(told.value(ClientAttribute.NAME)).contains("spike.example");
        assertThat(told.toAddress(ClientAttribute.ADDR)).contains(InetAddress.getByName("2001:db8::1"));
        assertThat(told.toPort(ClientAttribute.PORT)).hasValue(40000);
        assertThat(told.value(ClientAttribute.PROTO)).contains("ESMTP");
        assertThat(told.value(ClientAttribute.HELO)).contains("[192.0.2.1]");
        assertThat(told.value(ClientAttribute.LOGIN)).contains("a b\u00e4");
        assertThat(told.toAddress(ClientAttribute.DESTADDR)).contains(InetAddress.getByName("192.0.2.2"));
        assertThat(told.toPort(ClientAttribute.DESTPORT)).isEmpty();
        assertThat(told.value(ClientAttribute.DESTPORT)).isEmpty();
        assertThat(told.isUnavailable(ClientAttribute.DESTPORT)).isTrue();
        assertThat(told.isUnavailable(ClientAttribute.IDENT)).isFalse();
        assertThat(told.toPort(ClientAttribute.NAME)).isEmpty();
        assertThat(told.toAddress(ClientAttribute.NAME)).isEmpty();
        assertThat(told)
                .hasToString("NAME=spike.example ADDR=IPV6:2001:db8::1 PORT=40000 PROTO=ESMTP HELO=[192.0.2.1]"
                        + " LOGIN=a+20b+C3+A4 DESTADDR=192.0.2.2 DESTPORT=[UNAVAILABLE]");
    }

    @Example
    void refusesWhatTheCommandDoesNotTake() {
        for (String argument : new String[] {
            "",
            " ",
            "NAME",
            "NAME=",
            "=x",
            "NAME=x ",
            " NAME=x",
            "NAME=x  HELO=y",
            "NAME=x NAME=y",
            "NAME=x name=y",
            "NAME=x=y",
            "NAME=a+20b",
            "NAME=a+7F",
            "NAME=a+0D+0Ab",
            "NAME=a+00",
            "NAME=+C3+A4",
            "LOGIN=a+0A",
            "LOGIN=+FF",
            "LOGIN=+2",
            "LOGIN=+e4",
            "ADDR=[192.0.2.1]",
            "ADDR=2001:db8::1",
            "ADDR=IPV6:192.0.2.1",
            "ADDR=192.0.2.01",
            "ADDR=\u0661.2.3.4",
            "ADDR=client.example",
            "PORT=65536",
            "PORT=-1",
            "PORT=025",
            "PROTO=HTTP",
            "PROTO=[UNAVAILABLE]",
            "IDENT=x",
            "SOURCE=LOCAL",
            "HELO=" + "x".repeat(256),
            "WHAT=x",
        }) {
            assertThat(xclient(argument)).as(argument).isEmpty();
        }
        assertThat(xforward("LOGIN=x")).isEmpty();
        assertThat(xforward("DESTADDR=192.0.2.1")).isEmpty();
        assertThat(xforward("SOURCE=elsewhere")).isEmpty();
        assertThat(xforward("PROTO=" + "x".repeat(65))).isEmpty();
        assertThat(xforward("PROTO=" + "x".repeat(64) + " SOURCE=local IDENT=4F2a"))
                .isPresent();
        assertThat(xforward("PROTO=[UNAVAILABLE]")).isPresent();
    }

    @Example
    void refusesACallersMistake() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAttributes(Verb.XCLIENT, Map.of(ClientAttribute.NAME, "a\r\nb")))
                .withMessageContaining("a\\u000d\\u000ab");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAttributes(Verb.XCLIENT, Map.of(ClientAttribute.SOURCE, "LOCAL")));
        assertThatIllegalArgumentException().isThrownBy(() -> new ClientAttributes(Verb.XFORWARD, Map.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClientAttributes(Verb.MAIL, Map.of(ClientAttribute.NAME, "a")));
        assertThatIllegalArgumentException().isThrownBy(() -> ClientAttributes.parse(Verb.MAIL, "NAME=a"));
    }

    @Example
    void tellsWhichCommandHasAnAttribute() {
        assertThat(ClientAttribute.LOGIN.isOf(Verb.XCLIENT)).isTrue();
        assertThat(ClientAttribute.LOGIN.isOf(Verb.XFORWARD)).isFalse();
        assertThat(ClientAttribute.SOURCE.isOf(Verb.XFORWARD)).isTrue();
        assertThat(ClientAttribute.SOURCE.isOf(Verb.XCLIENT)).isFalse();
        assertThat(ClientAttribute.NAME.isOf(Verb.MAIL)).isFalse();
    }
}

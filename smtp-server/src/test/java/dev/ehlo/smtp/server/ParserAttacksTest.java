package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.assertInStep;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lines that two parsers may read in two ways, through each entrance: attack 33 of the list that {@link
 * StartTlsAttacksTest} tells of. They are read as RFC 5321 §4.1.2 has it, or refused, and leave all as it was.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ParserAttacksTest {
    private static final String LABEL = "l".repeat(63);
    private static final String LONG_DOMAIN = (LABEL + ".").repeat(3) + "l".repeat(62);

    @RegisterExtension
    static final Siege siege = Siege.ofPatience();

    private static String utf8(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    /** Commands that begin nothing. */
    private static final String[][] REFUSED = {
        {"MAIL", "501 5.5.4 "},
        {"MAIL FROM:", "501 5.1.7 "},
        {"MAIL FROM: <alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:\t<alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:alice@example.org", "501 5.1.7 "},
        {"MAIL FROM <alice@example.org>", "501 5.5.4 "},
        {"MAIL FROM=<alice@example.org>", "501 5.5.4 "},
        {"MAIL TO:<alice@example.org>", "501 5.5.4 "},
        {"MAIL  FROM:<alice@example.org>", "501 5.5.4 "},
        {"MAIL\tFROM:<alice@example.org>", "500 5.5.1 "},
        {" MAIL FROM:<alice@example.org>", "500 5.5.1 "},
        {"MAILFROM:<alice@example.org>", "500 5.5.1 "},
        {"MAIL FROM:<alice@example.org", "501 5.1.7 "},
        {"MAIL FROM:alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<<alice@example.org>>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org>>", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org>x", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org>SIZE=1", "501 5.5.4 "},
        {"MAIL FROM:Alice <alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<(Alice) alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice @example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@ example.org>", "501 5.1.7 "},
        {"MAIL FROM:< >", "501 5.1.7 "},
        {"MAIL FROM:<alice>", "501 5.1.7 "},
        {"MAIL FROM:<@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org,b@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org;b@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice\"@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"alice\\\"@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"ali\"ce@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"alice\"\"x\"@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice\\@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"alice\t\"@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<.alice@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice.@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<ali..ce@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org.>", "501 5.1.7 "},
        {"MAIL FROM:<alice@exam_ple.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@-example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example-.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@[127.0.0.1>", "501 5.1.7 "},
        {"MAIL FROM:<alice@[127.1]>", "501 5.1.7 "},
        {"MAIL FROM:<alice@[::1]>", "501 5.1.7 "},
        {"MAIL FROM:<alice@[IPv6:1::2::3]>", "501 5.1.7 "},
        {"MAIL FROM:<" + "a".repeat(65) + "@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<\"" + "a".repeat(63) + "\"@example.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice@" + LABEL + "l.example.org>", "501 5.1.7 "},
        {"MAIL FROM:<a@" + LONG_DOMAIN + "l.lll>", "501 5.1.7 "},
        {"MAIL FROM:<alice@example.org> SIZE", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> SIZE =1", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> SIZE= 1", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> =1", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> SIZE=1=1", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> BODY=7BIT BODY=8BITMIME", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> SMTPUTF8=1", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> BODY", "501 5.5.4 "},
        {"MAIL FROM:<alice@example.org> X-UNKNOWN=1", "555 5.5.4 "},
        {"MAIL FROM:<alice@example.org> NOTIFY=NEVER", "555 5.5.4 "},
        {"MAIL FROM:<\303(@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<\344@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<\300\257@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<\340\200\274@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<\355\240\200@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<\364\220\200\200@example.org> SMTPUTF8", "500 5.5.2 "},
        {"MAIL FROM:<" + utf8("\u00e4") + "@example.org>", "553 5.6.7 "},
        {"MAIL FROM:<alice@ex" + utf8("\u00e4") + "mple.org>", "553 5.6.7 "},
        {"MAIL FROM:<alice@" + utf8("\uff45") + "xample.org>", "501 5.1.7 "},
        {"MAIL FROM:<alice\0@example.org>", "500 5.5.2 "},
        {"MAIL FROM:<alice@example.org>\nNOOP", "500 5.5.2 "},
        {"MAIL FROM:<alice@example.org>\rNOOP", "500 5.5.2 "},
        {"\357\273\277MAIL FROM:<alice@example.org>", "500 5.5.1 "},
        {"MAI\305\277 FROM:<alice@example.org>", "500 5.5.1 "}
    };

    /** Commands that begin a transaction, and what the handler is told. */
    private static final String[][] TAKEN = {
        {"mail from:<alice@example.org>", "alice@example.org"},
        {"MAIL FROM:<alice@example.org> ", "alice@example.org"},
        {"MAIL FROM:<alice@EXAMPLE.org> body=7bit", "alice@EXAMPLE.orgBODY=7bit"},
        {"MAIL FROM:<\"alice\"@example.org>", "alice@example.org"},
        {"MAIL FROM:<\"al\\ice\"@example.org>", "alice@example.org"},
        {"MAIL FROM:<@relay.example,@other.example:alice@example.org>", "alice@example.org"},
        {"MAIL FROM:<>", ""}
    };

    /** As {@link #TAKEN}, in the name of somebody who is nobody's user. */
    private static final String[][] TAKEN_FROM_STRANGERS = {
        {"MAIL FROM:<\" \"@remote.example>", "\" \"@remote.example"},
        {"MAIL FROM:<\"a\\\"b@c\"@remote.example>", "\"a\\\"b@c\"@remote.example"},
        {"MAIL FROM:<\"a>b\"@remote.example>", "\"a>b\"@remote.example"},
        {"MAIL FROM:<" + "a".repeat(64) + "@remote.example>", "a".repeat(64) + "@remote.example"},
        {"MAIL FROM:<alice@" + LABEL + ".example>", "alice@" + LABEL + ".example"},
        {"MAIL FROM:<alice@[127.0.0.1]>", "alice@[127.0.0.1]"},
        {"MAIL FROM:<alice@xn--exmple-cua.org>", "alice@xn--exmple-cua.org"},
        {"MAIL FROM:<" + utf8("\u00e4") + "@remote.example> SMTPUTF8", "\u00e4@remote.exampleSMTPUTF8"},
        {"MAIL FROM:<alice@ex" + utf8("\u00e4") + "mple.org> SMTPUTF8", "alice@ex\u00e4mple.orgSMTPUTF8"}
    };

    @ParameterizedTest
    @EnumSource
    void g33RefusesWhatCanBeReadInTwoWays(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            for (String[] row : REFUSED) {
                assertRefused(client, row[0], row[1]);
            }
        }
        assertThat(siege.room.asked)
                .hasSize(REFUSED.length)
                .allMatch(command -> command.equals("MAIL alice@example.org"));
    }

    private static void assertRefused(LineClient client, String line, String reply) throws IOException {
        client.send(line + "\r\nRCPT TO:<b@example.org>\r\n").expect(reply).expect("503 5.5.1 ");
        client.send("MAIL FROM:<alice@example.org>\r\n").expect("250 ");
        boolean ofPathAlone = line.startsWith("MAIL FROM:") && line.contains("@") && !line.contains("> ");
        if (ofPathAlone) {
            client.send(line.replace("MAIL FROM", "RCPT TO") + "\r\n").expect(reply.replace("5.1.7", "5.1.3"));
            client.send("DATA\r\n").expect("5");
        }
        client.send("RSET\r\n").expect("250 ");
    }

    @ParameterizedTest
    @EnumSource
    void g33ReadsEachFormAsItIsMeant(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            for (String[] row : TAKEN) {
                assertAsked(client, row);
            }
            for (String[] row : TAKEN_FROM_STRANGERS) {
                if (entrance.isForUsers()) {
                    client.send(row[0] + "\r\n").expect("553 5.7.1 ");
                } else {
                    assertAsked(client, row);
                }
            }
            assertInStep(client);
        }
    }

    private static void assertAsked(LineClient client, String[] row) throws IOException {
        siege.room.asked.clear();
        client.send(row[0] + "\r\nRSET\r\n").expect("250 2.1.0 ").expect("250 ");
        assertThat(siege.room.asked).containsExactly("MAIL " + row[1]);
    }
}

package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Dialogues that lead servers astray, through each entrance: attack 28 of the list that {@link StartTlsAttacksTest} tells
 * of. After every reply that is not 2yz or 3yz the envelope is what RFC 5321 §4.1.4 makes of it; that this is so in any
 * dialogue is a property of the session, without sockets.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class SequenceAttacksTest {
    private static final String MAIL = "MAIL FROM:<alice@example.org>";
    private static final String RCPT = "RCPT TO:<b@example.org>";
    private static final String LAST = "BDAT " + HEADER.length() + " LAST\r\n" + HEADER.substring(0, 25);

    @RegisterExtension
    static final Siege siege = Siege.ofPatience();

    /** The envelope of the one message there is in the end, or nothing; then what is said, each with its reply. */
    private static final String[][] DIALOGUES = {
        {"", MAIL, "250", RCPT, "250", "BDAT 6garbage\r\nQUIT", "501", "DATA", "503", RCPT, "503", LAST, "503"},
        {"", MAIL, "250", RCPT, "250", "BDAT 5\r\nX: ", "250", "DATA", "503", RCPT, "503", "RSET", "250", LAST, "503"},
        {"", MAIL, "250", "RCPT TO:<full@example.org>", "250", "BDAT 4\r\nab", "452", "DATA", "503", RCPT, "503"},
        {"", MAIL, "250", "RCPT TO:<unopened@example.org>", "250", LAST, "451", "DATA", "503", RCPT, "503"},
        {"", MAIL, "250", "RCPT TO:<spam@example.org>", "250", LAST, "554", RCPT, "503", "DATA", "503", MAIL, "250"},
        {"", MAIL, "250", "RCPT TO:<spam@example.org>", "250", "DATA", "354", HEADER + ".", "554", RCPT, "503"},
        {"", MAIL, "250", "RCPT TO:<uncompletable@example.org>", "250", LAST, "451", RCPT, "503", "DATA", "503"},
        {"", MAIL, "250", "DATA", "503", "RCPT TO:<nobody@example.org>", "550", "DATA", "554", LAST, "554"},
        {"", MAIL, "250", RCPT, "250", "EHLO again.example", "250", RCPT, "503", "DATA", "503"},
        {"", MAIL, "250", RCPT, "250", "HELO again.example", "250", RCPT, "503", LAST, "502"},
        {"", MAIL, "250", RCPT, "250", "RSET", "250", RCPT, "503", "DATA", "503"},
        {"", RCPT, "503", "DATA", "503", LAST, "503", "RCPT TO:<b@example.org", "501"},
        {"b", MAIL, "250", RCPT, "250", "VRFY b\u00c3\u00a4", "252", "VRFY \u00ff", "500", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "DATA now", "501", "RSET now", "501", "QUIT now", "501", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "MAIL FROM:<other@example.org>", "503", "MAIL FROM:<", "501", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "EHLO", "501", "EHLO \0", "500", "HELO a b c", "501", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "RCPT TO:<nobody@example.org>", "550", "RCPT TO:<x", "501", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "RCPT TO:<throws@example.org>", "451", "FOO", "500", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "STARTTLS now", "501", "AUTH", "50", "LHLO x.example", "50", LAST, "250"},
        {"b", MAIL, "250", RCPT, "250", "NOOP " + "x".repeat(3000), "500", "HELP", "214", "NOOP", "250", LAST, "250"},
        {"bc", MAIL, "250", RCPT, "250", "DATA\0", "500", "RCPT TO:<c@example.org>", "250", LAST, "250"},
        {
            "c",
            MAIL + " RET=ALL",
            "50",
            MAIL,
            "250",
            "RCPT TO:<nobody@example.org>",
            "550",
            "DATA",
            "554", //
            "RCPT TO:<c@example.org>",
            "250",
            LAST,
            "250"
        },
        {
            "c",
            MAIL,
            "250",
            "RCPT TO:<full@example.org>",
            "250",
            "DATA",
            "452",
            "RSET",
            "250",
            MAIL,
            "250", //
            "RCPT TO:<c@example.org>",
            "250",
            "DATA",
            "354",
            HEADER + ".",
            "250"
        }
    };

    @ParameterizedTest
    @EnumSource
    void f28KeepsTheEnvelopeThatTheRepliesTellOf(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            for (String[] dialogue : DIALOGUES) {
                client.send("EHLO anew.example\r\n").expect("250");
                for (int i = 1; i < dialogue.length; i += 2) {
                    client.send(dialogue[i] + "\r\n").expect(dialogue[i + 1]);
                }
                assertInStep(client);
                assertEnvelope(dialogue[0]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void f28KeepsItWithPipeliningToo(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            for (String[] dialogue : DIALOGUES) {
                client.send("EHLO anew.example\r\n").expect("250");
                pipeline(client, dialogue);
                assertInStep(client);
                assertEnvelope(dialogue[0]);
            }
        }
    }

    /** In as few flights as there may be: DATA is the last of one. */
    private static void pipeline(LineClient client, String[] dialogue) throws IOException {
        StringBuilder flight = new StringBuilder();
        int answered = 1;
        for (int i = 1; i < dialogue.length; i += 2) {
            flight.append(dialogue[i]).append("\r\n");
            if (dialogue[i].startsWith("DATA") || i + 2 >= dialogue.length) {
                client.send(flight.toString());
                flight.setLength(0);
                for (; answered <= i; answered += 2) {
                    client.expect(dialogue[answered + 1]);
                }
            }
        }
    }

    private static void assertEnvelope(String recipients) {
        List<String> expected =
                recipients.chars().mapToObj(c -> (char) c + "@example.org").collect(Collectors.toList());
        if (expected.isEmpty()) {
            assertThat(siege.room.messages).isEmpty();
        } else {
            assertThat(siege.room.messages).singleElement().satisfies(message -> {
                assertThat(message.envelope().reversePath()).hasToString("alice@example.org");
                assertThat(message.envelope().recipients())
                        .extracting(Object::toString)
                        .isEqualTo(expected);
            });
        }
        siege.room.messages.clear();
    }
}

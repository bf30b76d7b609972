package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Strangers who would have their mail relayed, or be somebody else, through each entrance. The names begin with the
 * attack's number in the list that {@link StartTlsAttacksTest} tells of: 29 an open relay, 30 a login.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class IdentityAttacksTest {
    @RegisterExtension
    static final Siege siege = Siege.ofPatience();

    // 29

    /** What stands behind RCPT TO:, and its reply where a recipient may come. */
    private static final String[][] RELAYING = {
        {"<user@remote.example>", "550 5.7.1 "},
        {"<user%remote.example@example.org>", "550 5.7.1 "},
        {"<@example.org:user@remote.example>", "550 5.7.1 "},
        {"<@example.org,@remote.example:user@third.example>", "550 5.7.1 "},
        {"<@remote.example:user%remote.example@example.org>", "550 5.7.1 "},
        {"<\"user@remote.example\"@example.org>", "550 5.7.1 "},
        {"<\"user\\@remote.example\"@example.org>", "550 5.7.1 "},
        {"<\"user%remote.example\"@example.org>", "550 5.7.1 "},
        {"<\"remote.example!user\"@example.org>", "550 5.7.1 "},
        {"<remote.example!user@example.org>", "550 5.7.1 "},
        {"<example.org!user@remote.example>", "550 5.7.1 "},
        {"<user@[127.0.0.1]>", "550 5.7.1 "},
        {"<user@[192.0.2.1]>", "550 5.7.1 "},
        {"<user@[IPv6:::1]>", "550 5.7.1 "},
        {"<user@[IPv6:::ffff:127.0.0.1]>", "550 5.7.1 "},
        {"<user@[IPv6:2001:db8::1]>", "550 5.7.1 "},
        {"<user@sub.example.org>", "550 5.7.1 "},
        {"<user@notexample.org>", "550 5.7.1 "},
        {"<user@example.organic>", "550 5.7.1 "},
        {"<user@example>", "550 5.7.1 "},
        {"<user@127.0.0.1>", "550 5.7.1 "},
        {"<user@remote.example> NOTIFY=NEVER", "555 5.5.4 "},
        {"<user@remote.example> ORCPT=rfc822;user@example.org", "555 5.5.4 "},
        {"<user@example.org.>", "501 5.1.3 "},
        {"<user@remote.example.>", "501 5.1.3 "},
        {"<user@.example.org>", "501 5.1.3 "},
        {"<user@example..org>", "501 5.1.3 "},
        {"<user@[example.org]>", "501 5.1.3 "},
        {"<user@[127.0.0.256]>", "501 5.1.3 "},
        {"<user@[IPv6:::1>", "501 5.1.3 "},
        {"<user@example.org@remote.example>", "501 5.1.3 "},
        {"<user@remote.example,user@example.org>", "501 5.1.3 "},
        {"<user@example.org%remote.example>", "501 5.1.3 "},
        {"<user@example.org:25>", "501 5.1.3 "},
        {"<user@example.org#remote.example>", "501 5.1.3 "},
        {"<user@remote.example#@example.org>", "501 5.1.3 "},
        {"<\"user\"remote.example@example.org>", "501 5.1.3 "},
        {"<@example.org>", "501 5.1.3 "},
        {"<@remote.example:>", "501 5.1.3 "},
        {"<user@>", "501 5.1.3 "},
        {"<user>", "501 5.1.3 "},
        {"<>", "501 5.1.3 "},
        {"<user@remote.example\0@example.org>", "500 5.5.2 "},
        {"<user@example.org\0.remote.example>", "500 5.5.2 "},
        {"<user@example.org>\0", "500 5.5.2 "},
        {"<user@example.org>\nRCPT TO:<user@remote.example>", "500 5.5.2 "},
        {"<user@example.org>\rRCPT TO:<user@remote.example>", "500 5.5.2 "}
    };

    private static final String MESSAGE =
            "EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 0 LAST\r\n";

    /** What is said before, each answered by 250; and whether RCPT may follow. */
    private static final Object[][] STATES = {
        {"", false},
        {"EHLO x.example\r\n", false},
        {"HELO x.example\r\nMAIL FROM:<a@remote.example>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<postmaster@example.org>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example> BODY=8BITMIME SIZE=1\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@EXAMPLE.org>\r\nRSET\r\n", false},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\nRSET\r\nMAIL FROM:<a@remote.example>\r\n", true},
        {"EHLO x.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 0\r\n", false},
        {MESSAGE, false},
        {MESSAGE + "MAIL FROM:<a@remote.example>\r\n", true}
    };

    static Stream<Arguments> everyState() {
        return Stream.of(Entrance.MX_IN_CLEAR, Entrance.MX_AFTER_STARTTLS)
                .flatMap(entrance -> Stream.of(STATES).map(state -> Arguments.of(entrance, state[0], state[1])));
    }

    @ParameterizedTest
    @MethodSource("everyState")
    void g29RelaysForNoStrangerWhateverTheFormOfTheRecipient(Entrance entrance, String before, boolean takesRecipients)
            throws IOException {
        try (LineClient client = entrance.open(siege.server)) {
            client.send(before);
            for (int i = 0; i < before.lines().count(); i++) {
                client.expect("250");
            }
            for (String[] form : RELAYING) {
                String refusal = takesRecipients || form[1].startsWith("50") ? form[1] : "503 5.5.1 ";
                client.send("RCPT TO:" + form[0] + "\r\n").expect(refusal);
            }
            assertInStep(client);
            if (takesRecipients) {
                // What is ours is taken all the same, and it alone.
                client.send("RCPT TO:<user@Example.ORG>\r\nRCPT TO:<@remote.example:user@example.org>\r\n");
                client.expect("250 ").expect("250 ").send("RCPT TO:<Postmaster>\r\nDATA\r\n");
                client.expect("250 ").expect("354 ").send(".\r\n").expect("250 ");
            }
        }
        assertThat(siege.room.asked)
                .filteredOn(command -> command.startsWith("RCPT"))
                .allMatch(command -> command.matches("(?i)RCPT ([a-z]+@example\\.org|postmaster)"));
        assertThat(siege.room.messages)
                .allSatisfy(message -> assertThat(message.envelope().recipients())
                        .allMatch(recipient -> recipient.toString().matches("(?i)[a-z]+@example\\.org|postmaster")));
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void g29TakesNothingFromAUserWhoHasNotLoggedIn(Entrance entrance) throws IOException {
        for (String hello : new String[] {"EHLO x.example\r\n", "HELO x.example\r\n"}) {
            try (LineClient client = entrance.open(siege.server)) {
                client.send("MAIL FROM:<alice@example.org>\r\n").expect("503 ");
                client.send(hello).expect("250");
                client.send("MAIL FROM:<alice@example.org>\r\nMAIL FROM:<>\r\n")
                        .expect("530 5.7.0 ")
                        .expect("530 5.7.0 ");
                for (String[] form : RELAYING) {
                    client.send("RCPT TO:" + form[0] + "\r\n")
                            .expect(form[1].startsWith("50") ? form[1] : "503 5.5.1 ");
                }
                client.send("RCPT TO:<b@example.org>\r\n").expect("503 ");
                client.send("BDAT 6 LAST\r\nQUIT\r\n").expect(hello.startsWith("E") ? "503 " : "502 ");
                client.send("DATA\r\n").expect("503 ");
            }
        }
        assertThat(siege.room.asked).isEmpty();
    }

    // 30

    private static String plain(String message) {
        return "AUTH PLAIN " + base64(message);
    }

    private static String base64(String octets) {
        return Base64.getEncoder().encodeToString(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Lines, each with its reply, of which none logs anybody in. */
    private static final String[][] LOGINS = {
        {plain("\0alice\0wrong"), "535 5.7.8 "},
        {plain("\0mallory\0secret"), "535 5.7.8 "},
        {plain("bob\0alice\0secret"), "535 5.7.8 "},
        {plain("\0ALICE\0secret"), "535 5.7.8 "},
        {plain("\0alice\0"), "501 5.5.2 "},
        {plain("\0\0secret"), "501 5.5.2 "},
        {plain("\0\0"), "501 5.5.2 "},
        {plain("alice\0secret"), "501 5.5.2 "},
        {plain("\0alice\0secret\0"), "501 5.5.2 "},
        {plain("\0alice\0sec\0ret"), "501 5.5.2 "},
        {plain("\0ali\0ce\0secret"), "501 5.5.2 "},
        {plain("\0al\377ice\0secret"), "501 5.5.2 "},
        {plain("\0broken\0secret"), "454 4.7.0 "},
        {"AUTH PLAIN =", "501 5.5.2 "},
        {"AUTH PLAIN ==", "501 5.5.2 "},
        {"AUTH PLAIN AGFsaWNlAHNlY3JldA=", "501 5.5.2 "},
        {"AUTH PLAIN AGFsaWNlAHNlY3JldA", "501 5.5.2 "},
        {"AUTH PLAIN AGFsaWNlAHNlY3JldA===", "501 5.5.2 "},
        {"AUTH PLAIN A", "501 5.5.2 "},
        {"AUTH PLAIN AGFsaWNl=AHNlY3JldA==", "501 5.5.2 "},
        {"AUTH PLAIN AGFs-WNlAHNlY3JldA==", "501 5.5.2 "},
        {"AUTH PLAIN AGFsaWNl AHNlY3JldA==", "501 5.5.4 "},
        {"AUTH PLAIN", "334 ", "*", "501 5.7.0 "},
        {"AUTH PLAIN", "334 ", "", "501 5.5.2 "},
        {"AUTH PLAIN", "334 ", "MAIL FROM:<alice@example.org>", "501 5.5.2 "},
        {"AUTH PLAIN", "334 ", "AGFsaWNlAHNl\0Y3JldA==", "501 5.5.2 "},
        {"AUTH LOGIN", "334 ", "*", "501 5.7.0 "},
        {"AUTH LOGIN", "334 ", base64("alice"), "334 ", "*", "501 5.7.0 "},
        {"AUTH LOGIN", "334 ", base64("alice"), "334 ", "", "535 5.7.8 "},
        {"AUTH LOGIN", "334 ", "", "334 ", base64("secret"), "535 5.7.8 "},
        {"AUTH LOGIN", "334 ", base64("alice\0"), "501 5.5.2 "},
        {"AUTH LOGIN", "334 ", base64("alice"), "334 ", base64("secret\0"), "501 5.5.2 "},
        {"AUTH LOGIN " + base64("alice"), "334 ", base64("wrong"), "535 5.7.8 "},
        {"AUTH", "501 5.5.4 "},
        {"AUTH PL\0AIN", "500 5.5.2 "},
        {"AUTH PLAIN-PLUS", "504 5.5.4 "},
        {"AUTH ANONYMOUS", "504 5.5.4 "},
        {"AUTH EXTERNAL " + base64("alice"), "504 5.5.4 "},
        {"AUTH CRAM-MD5", "504 5.5.4 "},
        {"AUTH SCRAM-SHA-256 " + base64("n,,n=alice,r=x"), "504 5.5.4 "},
        {"AUTH SCRAM-SHA-256-PLUS " + base64("p=tls-exporter,,n=alice,r=x"), "504 5.5.4 "},
        {"AUTH OAUTHBEARER " + base64("n,a=alice,\1auth=Bearer x\1\1"), "504 5.5.4 "},
        {"AUTH XOAUTH2", "504 5.5.4 "}
    };

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void g30LogsNobodyInWhoHasNotShownWhoHeIs(Entrance entrance) throws IOException {
        try (LineClient client = entrance.open(siege.server)) {
            for (String[] lines : LOGINS) {
                boolean malformed = lines[1].startsWith("50") && !lines[1].startsWith("504") && lines.length == 2;
                client.send(lines[0] + "\r\n").expect(malformed ? "50" : "503 5.5.1 ");
            }
            client.send("EHLO x.example\r\n").expect("250-");
            for (String[] lines : LOGINS) {
                for (int i = 0; i < lines.length; i += 2) {
                    client.send(lines[i] + "\r\n").expect(lines[i + 1]);
                }
                client.send("MAIL FROM:<alice@example.org>\r\n").expect("530 5.7.0 ");
            }
            client.send(Entrance.LOGIN).expect("235 ");
            assertInStep(client);
        }
        assertThat(siege.room.asked).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void g30TakesOneLoginAndNoneInATransaction(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            client.send(Entrance.LOGIN).expect("503 ");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("250 ");
            client.send(Entrance.LOGIN).expect("503 ");
            client.send("RCPT TO:<user@remote.example>\r\n").expect("250 ");
            client.send("AUTH PLAIN\r\n").expect("503 ");
            client.send("BDAT " + HEADER.length() + " LAST\r\n" + HEADER).expect("250 ");
        }
        assertThat(siege.room.messages)
                .singleElement()
                .satisfies(message -> assertThat(message.session().login()).contains("alice"));
    }

    @ParameterizedTest
    @EnumSource
    void g30OffersNoLoginWhereThereIsNoneToBeHad(Entrance entrance) throws IOException {
        try (LineClient client = LineClient.connect(siege.server.address("submission"))) {
            client.expect("220 ").send("EHLO x.example\r\n");
            assertThat(client.reply()).doesNotContain("AUTH");
            client.send("AUTH PLAIN\r\n" + Entrance.LOGIN).expect("538 5.7.11 ").expect("538 5.7.11 ");
        }
        if (!entrance.isForUsers()) {
            try (LineClient client = entrance.ready(siege.server)) {
                client.send("AUTH PLAIN\r\n" + Entrance.LOGIN).expect("502 ").expect("502 ");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void g30BelievesNobodyWhoSubmittedAMessageElsewhere(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            for (String mailbox : new String[] {"boss@example.org", "<>", "e+3Dmc2@example.org"}) {
                client.send("MAIL FROM:<alice@example.org> AUTH=" + mailbox + "\r\nRSET\r\n");
                client.expect(entrance.isForUsers() ? "250 2.1.0 " : "555 5.5.4 ")
                        .expect("250 ");
            }
        }
        assertThat(siege.room.asked).allMatch(command -> command.equals("MAIL alice@example.orgAUTH=<>"));
        assertThat(siege.room.asked).hasSize(entrance.isForUsers() ? 3 : 0);
    }
}

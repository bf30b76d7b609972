package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.server.session.MailRoom;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** THREATS C: what a peer says reaches the log as a value of its line, and as nothing else. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class EventLogTest {
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    private List<String> logged(String... words) throws Exception {
        lines.list = new CopyOnWriteArrayList<>();
        Logger log = (Logger) LoggerFactory.getLogger("dev.ehlo.smtp");
        lines.start();
        log.addAppender(lines);
        SeenEvents events = new SeenEvents();
        try (SmtpServer server = with(new MailRoom(), true)
                        .events(events)
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ");
            for (String word : words) {
                client.send(word.getBytes(StandardCharsets.UTF_8));
                client.reply();
            }
            client.send("QUIT\r\n").expect("221 ").expectEnd();
            // The log is told before.
            events.untilDisconnected();
        } finally {
            log.detachAppender(lines);
        }
        return lines.list.stream()
                .filter(line -> line.getLoggerName().equals(ServerEvents.class.getName()))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static String plain(String login, String password) {
        String message = "\0" + login + "\0" + password;
        return "AUTH PLAIN " + Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8)) + "\r\n";
    }

    @Test
    void aSessionAndATransactionHaveALineEach() throws Exception {
        List<String> log = logged(
                "EHLO client.example\r\n",
                plain("alice", "secret"),
                "MAIL FROM:<alice@example.org>\r\n",
                "RCPT TO:<b@example.org>\r\n",
                "DATA\r\n",
                "Subject: 1\r\n\r\n.\r\n");
        assertThat(log).hasSize(2);
        assertThat(log.get(0))
                .matches("transaction=\\w+\\.1 client=127\\.0\\.0\\.1:\\d+ profile=submissions login=alice"
                        + " outcome=accepted sender=alice@example\\.org recipients=1 refused=0 octets=14"
                        + " seconds=\\d+\\.\\d{6} reply=\"250 .*\"( queue-id=\\S+)?");
        assertThat(log.get(1))
                .matches("session=\\w+ client=127\\.0\\.0\\.1:\\d+ profile=submissions helo=client\\.example"
                        + " tls=TLSv1\\.3 suite=TLS_\\w+ login=alice end=quit seconds=\\d+\\.\\d{6} octets-in=\\d+"
                        + " octets-out=\\d+ transactions=1 accepted=1 errors=0");
    }

    @Test
    void whatAPeerSaysForgesNothing() throws Exception {
        List<String> log = logged(
                "EHLO x\"login=root\r\n",
                plain("eve\r\nsession=1 login=root\u2028\u001b[2J", "hunter2"),
                plain("alice", "secret"),
                "MAIL FROM:<alice@example.org>\r\n",
                "RCPT TO:<\"x\\\" y=\"@example.org>\r\n",
                "RSET\r\n",
                "MAIL FROM:<\"a b\\\"=c\"@example.org>\r\n");
        assertThat(log).hasSize(3).allMatch(line -> line.matches("[ -~]+"));
        assertThat(log.get(0))
                .contains(" login-failed=\"eve\\u000D\\u000Asession=1 login=root\\u2028\\u001B[2J\" mechanism=PLAIN");
        assertThat(log.get(1)).contains(" login=alice outcome=aborted sender=alice@example.org ");
        assertThat(log.get(2)).contains(" helo=\"x\\\"login=root\" tls=").contains(" login=alice end=quit ");
        assertThat(lines.list)
                .noneMatch(line -> line.getFormattedMessage().contains("hunter2")
                        || line.getFormattedMessage().contains("secret"));
    }
}

package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.event.ConnectionAdapter;
import jakarta.mail.event.ConnectionEvent;
import jakarta.mail.event.TransportEvent;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program sees that sends by Jakarta Mail, with Angus on the class path too. */
class SmtpTransportTest extends TransportRig {
    @Test
    void isWhatSessionsTakeForBothProtocols() throws Exception {
        Session session = Session.getInstance(new Properties());
        assertThat(session.getTransport("smtp")).isExactlyInstanceOf(SmtpTransport.class);
        assertThat(session.getTransport("smtps")).isExactlyInstanceOf(SmtpsTransport.class);
        assertThat(session.getTransport(new InternetAddress("a@example.org"))).isInstanceOf(SmtpTransport.class);
        assertThat(session.getProvider("imap").getVendor()).isNotEqualTo("ehlo");
    }

    @Test
    void sendsAMessage() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            MimeMessage message = message(session, "b@example.net");
            message.addRecipient(Message.RecipientType.BCC, new InternetAddress("c@example.net"));
            message.setHeader("Content-Length", "1000000");
            Transport.send(message);
            ReceivedMessage received = peer.awaitMessage(PATIENCE);
            assertThat(received.reversePath()).isEqualTo("a@example.org");
            assertThat(received.recipients()).containsExactly("b@example.net", "c@example.net");
            assertThat(received.text())
                    .contains("To: b@example.net\r\n", "Subject: greetings\r\n")
                    .endsWith("\r\n\r\nHello\r\n.dot\r\n")
                    .doesNotContain("Bcc", "Content-Length", "c@example.net")
                    .doesNotContainPattern("[^\r]\n");
        }
    }

    @Test
    void keepsTheConnectionForTheNextTransport() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            for (int i = 0; i < 5; i++) {
                Transport.send(message(session(peer), "b@example.net"));
            }
            assertThat(peer.awaitMessages(5, PATIENCE)).hasSize(5);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void sendsAgainOnceAKeptConnectionIsGone() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<lost@*", Fault.drop().once())
                .start()) {
            Session session = session(peer);
            try (Transport transport = connected(session)) {
                transport.sendMessage(message(session, "b@example.net"), addresses("b@example.net"));
                MimeMessage second = message(session, "b@example.net");
                second.setFrom("lost@example.org");
                transport.sendMessage(second, addresses("b@example.net"));
            }
            assertThat(peer.awaitMessages(2, PATIENCE)).hasSize(2);
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void tellsListenersOfConnectionAndMessage() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            Transport transport = session.getTransport();
            BlockingQueue<Integer> events = connectionEvents(transport);
            Listener listener = new Listener();
            transport.addTransportListener(listener);
            transport.connect();
            assertThat(transport.isConnected()).isTrue();
            MimeMessage message = message(session, "b@example.net");
            transport.sendMessage(message, message.getAllRecipients());
            transport.close();
            assertThat(transport.isConnected()).isFalse();
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(ConnectionEvent.OPENED);
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(ConnectionEvent.CLOSED);
            TransportEvent delivered = listener.events.poll(20, TimeUnit.SECONDS);
            assertThat(delivered.getType()).isEqualTo(TransportEvent.MESSAGE_DELIVERED);
            assertThat(delivered.getValidSentAddresses()).containsExactly(addresses("b@example.net"));
            assertThat(delivered.getMessage()).isSameAs(message);
            assertThatThrownBy(() -> transport.sendMessage(message, message.getAllRecipients()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void sendsToNobodyWhereOneRecipientIsRefused() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("c@*", Reply.of(550, "5.1.1", "no such user"))
                .refuse("d@*", Reply.of(450, "4.2.1", "later"))
                .start()) {
            Session session = session(peer);
            Listener listener = new Listener();
            try (Transport transport = connected(session)) {
                transport.addTransportListener(listener);
                Address[] all = addresses("b@example.net", "c@example.net", "d@example.net");
                SendFailedException failed = catchThrowableOfType(
                        SendFailedException.class, () -> transport.sendMessage(message(session), all));
                assertThat(failed.getValidSentAddresses()).isEmpty();
                assertThat(failed.getValidUnsentAddresses())
                        .containsExactly(addresses("b@example.net", "d@example.net"));
                assertThat(failed.getInvalidAddresses()).containsExactly(addresses("c@example.net"));
                List<RecipientException> chain = chain(failed);
                assertThat(chain)
                        .extracting(RecipientException::status)
                        .containsExactly(DeliveryStatus.NOT_SENT, DeliveryStatus.FAILED, DeliveryStatus.DEFERRED);
                assertThat(chain.get(1).reply().toString()).isEqualTo("550 5.1.1 no such user");
                assertThat(chain.get(1).phase()).isEqualTo(DeliveryPhase.RCPT);
                assertThat(chain.get(1).address().getAddress()).isEqualTo("c@example.net");
                // And the transport can still be used.
                transport.sendMessage(message(session), addresses("b@example.net"));
            }
            assertThat(peer.awaitMessage(PATIENCE).recipients()).containsExactly("b@example.net");
            assertThat(listener.events.poll(20, TimeUnit.SECONDS).getType())
                    .isEqualTo(TransportEvent.MESSAGE_NOT_DELIVERED);
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void sendsToTheOthersWhereThatIsAskedFor() throws Exception {
        set("sendpartial", "true");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("c@*", Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            Session session = session(peer);
            Listener listener = new Listener();
            try (Transport transport = connected(session)) {
                transport.addTransportListener(listener);
                Address[] all = addresses("b@example.net", "c@example.net");
                SendFailedException failed = catchThrowableOfType(
                        SendFailedException.class, () -> transport.sendMessage(message(session), all));
                assertThat(failed.getValidSentAddresses()).containsExactly(addresses("b@example.net"));
                assertThat(failed.getInvalidAddresses()).containsExactly(addresses("c@example.net"));
                assertThat(chain(failed)).hasSize(1);
            }
            assertThat(peer.awaitMessage(PATIENCE).recipients()).containsExactly("b@example.net");
            assertThat(listener.events.poll(20, TimeUnit.SECONDS).getType())
                    .isEqualTo(TransportEvent.MESSAGE_PARTIALLY_DELIVERED);
        }
    }

    @ParameterizedTest
    @CsvSource({"MAIL*,RCPT,MAIL", "DATA,RCPT,DATA", ".,RCPT,END_OF_DATA"})
    void tellsARefusalOfTheWholeMessageFromThatOfAnAddress(String command, String ignored, DeliveryPhase phase)
            throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault(command, Fault.reply(Reply.of(554, "5.7.1", "not this")))
                .start()) {
            Session session = session(peer);
            SendFailedException failed = catchThrowableOfType(
                    SendFailedException.class, () -> Transport.send(message(session, "b@example.net")));
            assertThat(failed.getInvalidAddresses()).isEmpty();
            assertThat(failed.getValidUnsentAddresses()).hasSize(1);
            assertThat(chain(failed).get(0).phase()).isEqualTo(phase);
            assertThat(chain(failed).get(0).status()).isEqualTo(DeliveryStatus.FAILED);
        }
    }

    @Test
    void tellsThatTheServerMayHaveAMessage() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().endOfData(Fault.drop()).start()) {
            Session session = session(peer);
            try (Transport transport = connected(session)) {
                SendFailedException failed = catchThrowableOfType(
                        SendFailedException.class,
                        () -> transport.sendMessage(message(session), addresses("b@example.net")));
                assertThat(chain(failed).get(0).status()).isEqualTo(DeliveryStatus.UNKNOWN);
                assertThat(failed.getValidUnsentAddresses()).hasSize(1);
            }
        }
    }

    @Test
    void tellsOfSuccessesWhereThatIsAskedFor() throws Exception {
        set("reportsuccess", "true");
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            try (Transport transport = connected(session)) {
                SendFailedException told = catchThrowableOfType(
                        SendFailedException.class,
                        () -> transport.sendMessage(message(session), addresses("b@example.net")));
                assertThat(told.getValidSentAddresses()).hasSize(1);
                assertThat(chain(told).get(0).status()).isEqualTo(DeliveryStatus.RELAYED);
                assertThat(((SmtpTransport) transport)
                                .lastReport()
                                .orElseThrow()
                                .isRelayedToAll())
                        .isTrue();
            }
        }
    }

    @Test
    void refusesAnAddressThatWouldEndItsCommand() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            InternetAddress evil = new InternetAddress();
            evil.setAddress("b@example.net>\r\nRCPT TO:<evil@example.net");
            try (Transport transport = connected(session)) {
                SendFailedException failed = catchThrowableOfType(
                        SendFailedException.class,
                        () -> transport.sendMessage(
                                message(session), new Address[] {evil, new InternetAddress("b@example.net")}));
                assertThat(failed.getInvalidAddresses()).containsExactly(evil);
                assertThat(failed.getValidUnsentAddresses()).hasSize(1);
                MimeMessage forged = message(session);
                forged.setHeader("From", "x");
                assertThatThrownBy(() -> transport.sendMessage(forged, addresses("b@example.net")))
                        .isInstanceOf(MessagingException.class);
            }
            assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "from,a@example.org",
        "localhost,client.example",
        "submitter,s@example.org",
        "mailextension,X=1",
        "dsn.notify,SUCCESS",
        "dsn.ret,HDRS",
        "host,127.0.0.1",
        "auth.mechanisms,NTLM",
        "port,2"
    })
    void refusesAPropertyThatWouldEndALine(String option, String good) throws Exception {
        for (String evil : List.of("\r\nRSET\r\n", "\n", "\r", "\0")) {
            try (ScriptedPeer peer = ScriptedPeer.accepting()) {
                Session session = session(peer);
                set(option, good + evil);
                set("user", "u");
                assertThatThrownBy(() -> session.getTransport().connect("u", "p"))
                        .isInstanceOf(MessagingException.class)
                        .message()
                        .doesNotContainPattern("[\r\n\0]");
                assertThat(peer.commands()).isEmpty();
            }
        }
    }

    @Test
    void saysWhatThePropertiesSay() throws Exception {
        set("from", "<bounces@example.org>");
        set("localhost", "client.example");
        set("submitter", "s@example.org");
        set("mailextension", "ENVID=x1");
        set("dsn.notify", "SUCCESS,FAILURE ORCPT=rfc822;b@example.net");
        set("dsn.ret", "HDRS");
        try (ScriptedPeer peer =
                ScriptedPeer.builder().extensions("DSN", "AUTH PLAIN").start()) {
            Transport.send(message(session(peer), "b@example.net"));
            peer.awaitMessage(PATIENCE);
            assertThat(peer.commands())
                    .contains(
                            "EHLO client.example",
                            "MAIL FROM:<bounces@example.org> RET=HDRS AUTH=s@example.org ENVID=x1",
                            "RCPT TO:<b@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b@example.net");
        }
    }

    @Test
    void saysTheNullReversePath() throws Exception {
        set("from", "<>");
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Transport.send(message(session(peer), "b@example.net"));
            assertThat(peer.awaitMessage(PATIENCE).reversePath()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout", "connectiontimeout"})
    void waitsNoLongerThanItIsTold(String option) throws Exception {
        set(option, "300");
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("RCPT*", Fault.hold(never)).start()) {
            Session session = session(peer);
            if (option.equals("timeout")) {
                SendFailedException failed = catchThrowableOfType(
                        SendFailedException.class, () -> Transport.send(message(session, "b@example.net")));
                assertThat(chain(failed).get(0).getMessage()).contains("time is up");
            } else {
                connected(session).close();
            }
            never.countDown();
        }
    }

    @Test
    void waitsNoLongerForAHandshake() throws Exception {
        set("timeout", "300");
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Session session = session("smtps", silent.getLocalPort());
            long since = System.nanoTime();
            assertThatThrownBy(() -> connected(session)).hasRootCauseInstanceOf(SSLException.class);
            assertThat(System.nanoTime() - since).isLessThan(TimeUnit.SECONDS.toNanos(20));
        }
    }

    @Test
    void sendsForAThreadThatIsInterrupted() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            MimeMessage message = message(session, "b@example.net");
            MimeMessage large = message(session, "b@example.net");
            large.setText("0123456789\n".repeat(MessageContent.MAX_MEMORY / 10));
            for (MimeMessage each : new MimeMessage[] {message, large}) {
                Thread.currentThread().interrupt();
                Transport.send(each);
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(peer.awaitMessages(2, PATIENCE)).hasSize(2);
        }
    }

    private static BlockingQueue<Integer> connectionEvents(Transport transport) {
        BlockingQueue<Integer> events = new LinkedBlockingQueue<>();
        transport.addConnectionListener(new ConnectionAdapter() {
            @Override
            public void opened(ConnectionEvent e) {
                events.add(e.getType());
            }

            @Override
            public void closed(ConnectionEvent e) {
                events.add(e.getType());
            }
        });
        return events;
    }

    @Test
    void closesNothingWhereNothingIsOpen() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Transport transport = session(peer).getTransport();
            BlockingQueue<Integer> events = connectionEvents(transport);
            transport.close();
            transport.connect();
            transport.close();
            transport.close();
            transport.connect();
            transport.close();
            for (int i = 0; i < 2; i++) {
                assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(ConnectionEvent.OPENED);
                assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(ConnectionEvent.CLOSED);
            }
            assertThat(events).isEmpty();
        }
    }

    @Test
    void tellsThatThereIsNoSuchHost() throws Exception {
        Session session = session("smtp", 25);
        session.getProperties().put("mail.smtp.host", "nowhere.invalid");
        assertThatThrownBy(() -> connected(session)).hasRootCauseInstanceOf(UnknownHostException.class);
    }

    @Test
    void tellsOfADefectAsOfAnyFailure() throws Exception {
        Transport transport = session("smtp", 0).getTransport();
        assertThatThrownBy(transport::connect).isInstanceOf(MessagingException.class);
    }

    @Test
    void tellsThatNobodyListens() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        Session session = session("smtp", closed);
        assertThatThrownBy(() -> connected(session))
                .isExactlyInstanceOf(MessagingException.class)
                .hasMessageContaining("127.0.0.1, port: " + closed);
    }

    @Test
    void showsTheDialogueWhereItIsAskedFor() throws Exception {
        properties.setProperty("mail.debug", "true");
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Session session = session(peer);
            ByteArrayOutputStream shown = new ByteArrayOutputStream();
            session.setDebugOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
            session.setDebug(true);
            Transport.send(message(session, "b@example.net"));
            assertThat(shown.toString(StandardCharsets.UTF_8))
                    .contains("C: EHLO", "S: 220 peer.example", "RCPT TO:<b@example.net>");
        }
    }

    @Test
    void needsSomebodyToSendTo() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                Transport transport = connected(session(peer))) {
            MimeMessage message = message(session(peer));
            assertThatThrownBy(() -> transport.sendMessage(message, new Address[0]))
                    .isInstanceOf(SendFailedException.class);
        }
    }

    static List<RecipientException> chain(MessagingException failed) {
        List<RecipientException> all = new ArrayList<>();
        Exception next = failed.getNextException();
        while (next instanceof RecipientException each) {
            all.add(each);
            next = each.getNextException();
        }
        return all;
    }
}

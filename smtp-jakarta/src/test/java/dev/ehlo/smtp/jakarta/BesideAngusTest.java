package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.event.TransportEvent;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPAddressSucceededException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same servers, messages and properties, by this transport and by that of Angus: programs are to see the same. */
class BesideAngusTest extends TransportRig {
    private static final Reply NO_SUCH_USER = Reply.of(550, "5.1.1", "no such user");
    private static final Reply LATER = Reply.of(450, "4.2.1", "later");
    private static final Reply FULL = Reply.of(452, "4.3.1", "no room");
    private static final Reply NOT_THIS = Reply.of(554, "5.7.1", "not this");

    /** A server that does not do all it is asked for, or a program that wants more. */
    enum Scene {
        ALL_TAKEN,
        SUCCESS_REPORTED("reportsuccess"),
        SUCCESS_REPORTED_OF_SOME("reportsuccess", "sendpartial"),
        ONE_REFUSED,
        ONE_REFUSED_FOR_NOW,
        TWO_REFUSED,
        ALL_REFUSED,
        ONE_REFUSED_AND_PARTIAL("sendpartial"),
        ONE_REFUSED_FOR_NOW_AND_PARTIAL("sendpartial"),
        TWO_REFUSED_AND_PARTIAL("sendpartial"),
        ALL_REFUSED_AND_PARTIAL("sendpartial"),
        MAIL_REFUSED,
        MAIL_REFUSED_FOR_NOW,
        DATA_REFUSED,
        CONTENT_REFUSED,
        CONTENT_REFUSED_FOR_NOW,
        CONTENT_REFUSED_AND_PARTIAL("sendpartial"),
        FROM_OF_THE_PROPERTIES;

        final List<String> options;

        Scene(String... options) {
            this.options = List.of(options);
        }

        ScriptedPeer.Builder server() {
            ScriptedPeer.Builder server = ScriptedPeer.builder().extensions("DSN", "PIPELINING");
            return switch (this) {
                case ONE_REFUSED, ONE_REFUSED_AND_PARTIAL, SUCCESS_REPORTED_OF_SOME ->
                    server.refuse("c@*", NO_SUCH_USER);
                case ONE_REFUSED_FOR_NOW, ONE_REFUSED_FOR_NOW_AND_PARTIAL -> server.refuse("c@*", LATER);
                case TWO_REFUSED, TWO_REFUSED_AND_PARTIAL ->
                    server.refuse("c@*", NO_SUCH_USER).refuse("d@*", FULL);
                case ALL_REFUSED, ALL_REFUSED_AND_PARTIAL ->
                    server.refuse("b@*", NO_SUCH_USER).refuse("c@*", NOT_THIS).refuse("d@*", LATER);
                case MAIL_REFUSED -> server.fault("MAIL*", Fault.reply(NOT_THIS).once());
                case MAIL_REFUSED_FOR_NOW ->
                    server.fault("MAIL*", Fault.reply(FULL).once());
                case DATA_REFUSED -> server.fault("DATA", Fault.reply(NOT_THIS).once());
                case CONTENT_REFUSED -> server.endOfData(Fault.reply(NOT_THIS).once());
                case CONTENT_REFUSED_FOR_NOW ->
                    server.endOfData(Fault.reply(FULL).once());
                case CONTENT_REFUSED_AND_PARTIAL ->
                    server.refuse("c@*", NO_SUCH_USER)
                            .endOfData(Fault.reply(NOT_THIS).once());
                case ALL_TAKEN, SUCCESS_REPORTED, FROM_OF_THE_PROPERTIES -> server;
            };
        }
    }

    /** By whom it is done. */
    enum By {
        US,
        ANGUS
    }

    /**
     * What a program sees, and the server.
     *
     * @param thrown the sort of exception; empty for none
     * @param told of each address whose RCPT was refused, or who has the message, with the code of the reply, where an
     *     exception of the chain is about it; ours tell also of those whom the server refused with all others
     * @param event its type, and its addresses; of all who have the message that is the one thing, although Angus says
     *     it is partially delivered where an exception is to report that
     * @param arrived the recipients of each message
     * @param connected whether the transport was, behind that
     */
    private record Seen(
            String thrown,
            List<String> sent,
            List<String> unsent,
            List<String> invalid,
            List<String> told,
            List<Object> event,
            List<List<String>> arrived,
            boolean connected) {}

    @ParameterizedTest
    @EnumSource
    void programsSeeTheSame(Scene scene) throws Exception {
        assertThat(seen(scene, By.US)).isEqualTo(seen(scene, By.ANGUS));
    }

    private Seen seen(Scene scene, By by) throws Exception {
        scene.options.forEach(option -> set(option, "true"));
        if (scene == Scene.FROM_OF_THE_PROPERTIES) {
            set("from", "bounces@example.org");
            set("dsn.notify", "FAILURE");
            set("dsn.ret", "HDRS");
        }
        try (ScriptedPeer peer = scene.server().start()) {
            Session session = session(peer.port(), by);
            Listener listener = new Listener();
            Transport transport = session.getTransport("smtp");
            assertThat(transport.getClass()).isEqualTo(by == By.US ? SmtpTransport.class : SMTPTransport.class);
            transport.addTransportListener(listener);
            transport.connect();
            Address[] all = addresses("b@example.net", "c@example.net", "d@example.net");
            MessagingException thrown = thrownBy(transport, message(session), all);
            TransportEvent event = listener.events.poll(20, TimeUnit.SECONDS);
            // And the transport is as good as before.
            boolean isConnected = transport.isConnected();
            MessagingException again = thrownBy(transport, message(session), addresses("e@example.net"));
            assertThat(again == null || scene.options.contains("reportsuccess"))
                    .as(String.valueOf(again))
                    .isTrue();
            transport.close();
            SendFailedException failed = thrown instanceof SendFailedException each ? each : null;
            return new Seen(
                    thrown == null ? "" : failed != null ? "SendFailedException" : "MessagingException",
                    failed == null ? List.of() : texts(failed.getValidSentAddresses()),
                    failed == null ? List.of() : texts(failed.getValidUnsentAddresses()),
                    failed == null ? List.of() : texts(failed.getInvalidAddresses()),
                    told(thrown),
                    List.of(
                            scene == Scene.SUCCESS_REPORTED ? 0 : event.getType(),
                            texts(event.getValidSentAddresses()),
                            texts(event.getValidUnsentAddresses()),
                            texts(event.getInvalidAddresses())),
                    peer.messages().stream().map(ReceivedMessage::recipients).toList(),
                    isConnected);
        }
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private Session session(int port, By by) {
        properties.remove("mail.smtp.class");
        if (by == By.ANGUS) {
            properties.put("mail.smtp.class", SMTPTransport.class.getName());
        }
        return session("smtp", port);
    }

    private static @Nullable MessagingException thrownBy(Transport transport, MimeMessage message, Address[] to) {
        try {
            transport.sendMessage(message, to);
            return null;
        } catch (MessagingException e) {
            return e;
        }
    }

    private static List<String> texts(Address @Nullable [] addresses) {
        return addresses == null
                ? List.of()
                : Arrays.stream(addresses).map(Address::toString).sorted().toList();
    }

    private static List<String> told(@Nullable MessagingException thrown) {
        List<String> all = new ArrayList<>();
        for (Exception next = thrown; next instanceof MessagingException each; next = each.getNextException()) {
            if (each instanceof RecipientException one && isOfAddress(one)) {
                all.add(one.address() + " " + one.reply().code());
            } else if (each instanceof SMTPAddressFailedException one) {
                all.add(one.getAddress() + " " + one.getReturnCode());
            } else if (each instanceof SMTPAddressSucceededException one) {
                all.add(one.getAddress() + " " + one.getReturnCode());
            }
        }
        return all;
    }

    private static boolean isOfAddress(RecipientException one) {
        return one.status().isSuccess() || one.phase() == DeliveryPhase.RCPT && one.status() != DeliveryStatus.NOT_SENT;
    }

    @ParameterizedTest
    @ValueSource(strings = {"a server that closes", "a server that is silent", "a server that is not there"})
    void programsCatchTheSame(String what) throws Exception {
        set("timeout", "2000");
        set("connectiontimeout", "2000");
        List<Boolean> sent = new ArrayList<>();
        for (By by : By.values()) {
            CountDownLatch never = new CountDownLatch(1);
            ScriptedPeer.Builder server =
                    ScriptedPeer.builder().fault("RCPT*", what.endsWith("closes") ? Fault.drop() : Fault.hold(never));
            try (ScriptedPeer peer = server.start()) {
                Session session = session(what.endsWith("there") ? closedPort() : peer.port(), by);
                try (Transport transport = session.getTransport("smtp")) {
                    transport.connect();
                    sent.add(thrownBy(transport, message(session), addresses("b@example.net")) == null);
                } catch (MessagingException e) {
                    assertThat(what).endsWith("there");
                    assertThat(e.getNextException()).isInstanceOf(ConnectException.class);
                    sent.add(false);
                }
                never.countDown();
            }
        }
        assertThat(sent).containsExactly(false, false);
    }

    @Test
    void messagesLookTheSame() throws Exception {
        List<String> received = new ArrayList<>();
        for (By by : By.values()) {
            try (ScriptedPeer peer = ScriptedPeer.accepting()) {
                Session session = session(peer.port(), by);
                try (Transport transport = connected(session)) {
                    MimeMessage message = message(session, "b@example.net");
                    message.setHeader("Message-ID", "<1@example.org>");
                    message.setHeader("Bcc", "c@example.net");
                    transport.sendMessage(message, addresses("b@example.net", "c@example.net"));
                }
                received.add(peer.awaitMessage(PATIENCE).text());
            }
        }
        assertThat(received.get(0)).isEqualTo(received.get(1));
    }
}

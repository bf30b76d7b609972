package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.testkit.ScriptedPeer;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.event.TransportEvent;
import jakarta.mail.event.TransportListener;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Timeout;

/** Sessions, messages, and who listens to transports. */
@Timeout(60)
abstract class TransportRig {
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Properties properties = new Properties();

    /** For one test's peer alone, as clients are shared by what the properties say. */
    Session session(ScriptedPeer peer) {
        return session("smtp", peer.port());
    }

    Session session(String protocol, int port) {
        properties.put("mail.transport.protocol", protocol);
        properties.put("mail.transport.protocol.rfc822", protocol); // what Transport.send looks at
        properties.put("mail." + protocol + ".host", "127.0.0.1");
        properties.put("mail." + protocol + ".port", port); // no String, as programs have it too
        return Session.getInstance(properties);
    }

    void set(String option, String value) {
        properties.setProperty("mail.smtp." + option, value);
        properties.setProperty("mail.smtps." + option, value);
    }

    static MimeMessage message(Session session, String... to) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom("a@example.org");
        for (String each : to) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(each));
        }
        message.setSubject("greetings");
        message.setText("Hello\n.dot\n");
        message.saveChanges();
        return message;
    }

    static Address[] addresses(String... all) throws MessagingException {
        return InternetAddress.parse(String.join(",", all));
    }

    static Transport connected(Session session) throws MessagingException {
        Transport transport = session.getTransport();
        transport.connect();
        return transport;
    }

    /** Events come on a thread of Jakarta Mail's own. */
    static final class Listener implements TransportListener {
        final BlockingQueue<TransportEvent> events = new LinkedBlockingQueue<>();

        @Override
        public void messageDelivered(TransportEvent e) {
            events.add(e);
        }

        @Override
        public void messageNotDelivered(TransportEvent e) {
            events.add(e);
        }

        @Override
        public void messagePartiallyDelivered(TransportEvent e) {
            events.add(e);
        }
    }
}

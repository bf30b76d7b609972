package dev.ehlo.smtp.mta;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPTransport;

/** An independent client: Angus Mail, told to send octets as they are. */
final class AngusClient {
    /** When to turn to TLS. */
    enum Tls {
        NONE,
        STARTTLS,
        IMPLICIT
    }

    private final Properties properties = new Properties();
    private final int port;

    AngusClient(int port, Tls tls) {
        this.port = port;
        String protocol = "mail.smtp.";
        properties.put(protocol + "ssl.enable", String.valueOf(tls == Tls.IMPLICIT));
        properties.put(protocol + "starttls.enable", String.valueOf(tls == Tls.STARTTLS));
        properties.put(protocol + "starttls.required", String.valueOf(tls == Tls.STARTTLS));
        properties.put(protocol + "ssl.trust", "*");
        properties.put(protocol + "ssl.checkserveridentity", "false");
        properties.put(protocol + "localhost", "angus.example");
        properties.put(protocol + "sendpartial", "true");
        properties.put(protocol + "allow8bitmime", "true");
        properties.put(protocol + "timeout", "60000");
    }

    /** This client, asking for reports by NOTIFY and for the header in them, where the server offers DSN. */
    AngusClient notifying(String when) {
        properties.put("mail.smtp.dsn.notify", when);
        properties.put("mail.smtp.dsn.ret", "HDRS");
        return this;
    }

    /** This client, with that mechanism alone. */
    AngusClient mechanism(String saslName) {
        properties.put("mail.smtp.auth.mechanisms", saslName);
        return this;
    }

    /** Submits the message; refused recipients come as the exception that Angus throws. */
    void send(String login, String password, String from, String message, String... recipients)
            throws MessagingException {
        Session session = Session.getInstance(properties);
        MimeMessage mime = new RawMessage(session, message.getBytes(StandardCharsets.ISO_8859_1));
        properties.put("mail.smtp.from", from);
        Address[] to = new Address[recipients.length];
        for (int i = 0; i < to.length; i++) {
            to[i] = new InternetAddress(recipients[i]);
        }
        try (SMTPTransport transport = (SMTPTransport) session.getTransport("smtp")) {
            transport.connect("127.0.0.1", port, login, password);
            transport.sendMessage(mime, to);
        }
    }

    /** Angus would write the header anew; the octets are what is tested. */
    private static final class RawMessage extends MimeMessage {
        private final byte[] octets;

        RawMessage(Session session, byte[] octets) throws MessagingException {
            super(session, new ByteArrayInputStream(octets));
            this.octets = octets;
        }

        @Override
        public void writeTo(OutputStream out, String[] ignored) throws java.io.IOException {
            out.write(octets);
        }

        @Override
        public void saveChanges() {
            saved = true;
        }
    }
}

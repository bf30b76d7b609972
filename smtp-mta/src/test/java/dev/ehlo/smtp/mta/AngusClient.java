package dev.ehlo.smtp.mta;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Properties;
import javax.net.ssl.KeyManagerFactory;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.eclipse.angus.mail.util.MailSSLSocketFactory;

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

    /** This client, with that mechanism alone, of the JDK's where it has none of its own. */
    AngusClient mechanism(String saslName) {
        properties.put(
                "mail.smtp.sasl.enable", String.valueOf(saslName.equals("CRAM-MD5") || saslName.equals("EXTERNAL")));
        properties.put("mail.smtp.sasl.mechanisms", saslName);
        properties.put("mail.smtp.auth.mechanisms", saslName);
        return this;
    }

    /** This client, with a certificate of its own, and a key of an elliptic curve. */
    AngusClient showing(Path certificate, Path key) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            Certificate[] chain = {CertificateFactory.getInstance("X.509").generateCertificate(in)};
            byte[] octets = Base64.getMimeDecoder().decode(Files.readString(key).replaceAll("-----[A-Z ]+-----", ""));
            own.setKeyEntry(
                    "own",
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(octets)),
                    new char[0],
                    chain);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        MailSSLSocketFactory factory = new MailSSLSocketFactory();
        factory.setTrustAllHosts(true);
        factory.setKeyManagers(keys.getKeyManagers());
        properties.put("mail.smtp.ssl.socketFactory", factory);
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

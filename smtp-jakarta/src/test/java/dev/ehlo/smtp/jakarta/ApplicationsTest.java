package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import jakarta.mail.SendFailedException;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.simplejavamail.api.email.Email;
import org.simplejavamail.api.mailer.Mailer;
import org.simplejavamail.api.mailer.config.TransportStrategy;
import org.simplejavamail.email.EmailBuilder;
import org.simplejavamail.mailer.MailerBuilder;
import org.springframework.mail.MailAuthenticationException;
import org.springframework.mail.MailSendException;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

/** Spring's JavaMailSender and Simple Java Mail, which know nothing of this module, send by it. */
@Timeout(60)
class ApplicationsTest extends TransportRig {
    @Test
    void springSends() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder().login("user", "secret").start()) {
            JavaMailSenderImpl sender = spring(peer);
            sender.testConnection();
            MimeMessageHelper helper = new MimeMessageHelper(sender.createMimeMessage(), true, "UTF-8");
            helper.setFrom("a@example.org");
            helper.setTo("b@example.net");
            helper.setSubject("Grüße");
            helper.setText("plain", "<p>html</p>");
            helper.addAttachment("a.bin", () -> new java.io.ByteArrayInputStream(new byte[100]));
            sender.send(helper.getMimeMessage());
            sender.send(IntStream.range(0, 10).mapToObj(i -> simple("b" + i)).toArray(SimpleMailMessage[]::new));
            assertThat(peer.awaitMessages(11, PATIENCE)).hasSize(11);
            assertThat(peer.sessions()).hasSize(1);
            assertThat(peer.messages().get(0).text()).contains("multipart/mixed", "a.bin");
        }
    }

    @Test
    void springHearsWhichMessagesFailed() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .refuse("no@*", Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            JavaMailSenderImpl sender = spring(peer);
            MailSendException failed = catchThrowableOfType(
                    MailSendException.class, () -> sender.send(simple("b"), simple("no"), simple("c")));
            assertThat(failed.getFailedMessages()).hasSize(1);
            SendFailedException cause = (SendFailedException) failed.getMessageExceptions()[0];
            assertThat(cause.getInvalidAddresses()).containsExactly(addresses("no@example.net"));
            assertThat(peer.awaitMessages(2, PATIENCE)).hasSize(2);
            sender.setPassword("wrong");
            assertThatThrownBy(() -> sender.send(simple("b"))).isInstanceOf(MailAuthenticationException.class);
        }
    }

    private static JavaMailSenderImpl spring(ScriptedPeer peer) {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost("127.0.0.1");
        sender.setPort(peer.port());
        sender.setUsername("user");
        sender.setPassword("secret");
        sender.getJavaMailProperties().setProperty("mail.smtp.auth", "true");
        return sender;
    }

    private static SimpleMailMessage simple(String to) {
        SimpleMailMessage message = new SimpleMailMessage();
        message.setFrom("a@example.org");
        message.setTo(to + "@example.net");
        message.setText("text");
        return message;
    }

    @Test
    void simpleJavaMailSendsByStartTlsIfThereIs() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .startTls(TestCertificate.selfSigned("mail.example.org").serverContext())
                .start()) {
            Mailer mailer = mailer(peer, TransportStrategy.SMTP).buildMailer();
            mailer.testConnection();
            mailer.sendMail(email()).get();
            ReceivedMessage received = peer.awaitMessage(PATIENCE);
            assertThat(received.recipients()).containsExactly("b@example.net");
            assertThat(received.text()).contains("Subject: greetings");
            assertThat(peer.sessions()).allMatch(s -> s.isTls());
        }
    }

    @Test
    void simpleJavaMailSendsUnderTls() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("user", "secret")
                .implicitTls(TestCertificate.selfSigned("127.0.0.1").serverContext())
                .start()) {
            mailer(peer, TransportStrategy.SMTPS)
                    .trustingAllHosts(true)
                    .verifyingServerIdentity(false)
                    .buildMailer()
                    .sendMail(email())
                    .get();
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
            assertThatThrownBy(() -> mailer(peer, TransportStrategy.SMTPS)
                            .trustingAllHosts(false)
                            .buildMailer()
                            .sendMail(email())
                            .get())
                    .hasRootCauseInstanceOf(SSLException.class)
                    .hasStackTraceContaining("jakarta.mail.MessagingException: Could not connect to SMTP host");
        }
    }

    private static org.simplejavamail.api.mailer.MailerRegularBuilder<?> mailer(
            ScriptedPeer peer, TransportStrategy strategy) {
        return MailerBuilder.withSMTPServer("127.0.0.1", peer.port(), "user", "secret")
                .withTransportStrategy(strategy);
    }

    private static Email email() {
        return EmailBuilder.startingBlank()
                .from("a@example.org")
                .to("b@example.net")
                .withSubject("greetings")
                .withPlainText("text")
                .buildEmail();
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.mta.AngusClient.Tls;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.SendFailedException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages submitted by Angus Mail, found octet for octet in the Maildir. Each test has a user of its own. */
class SubmissionIT {
    @TempDir
    private static Path scratch;

    private static EhloProcess server;
    private static Path data;

    @BeforeAll
    static void start() throws Exception {
        data = scratch.resolve("data");
        for (String user :
                List.of("postmaster", "starttls", "implicit", "alternate", "several", "large", "refused", "sender")) {
            EhloProcess.run(scratch, "secret\n", "user", "add", user, "--password-stdin", "--data", data.toString());
        }
        server = EhloProcess.serve(data);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void takesAMessageOnSubmissionAfterStarttls() throws Exception {
        assertArrives("starttls", new AngusClient(server.port("submission"), Tls.STARTTLS));
    }

    @Test
    void takesAMessageOnSubmissionsUnderImplicitTls() throws Exception {
        assertArrives("implicit", new AngusClient(server.port("submissions"), Tls.IMPLICIT));
    }

    @Test
    void takesAMessageOnAlternateSubmission() throws Exception {
        assertArrives("alternate", new AngusClient(server.port("alternate"), Tls.STARTTLS));
    }

    private static void assertArrives(String user, AngusClient client) throws Exception {
        String address = user + "@localhost";
        String message = Mail.from(user, Mail.awkward("to-" + user));
        client.send(user, "secret", address, message, address);
        String arrived = Mail.arrived(data, user, 1).get(0);
        assertThat(arrived).startsWith("Return-Path: <" + address + ">\r\n").contains("with ESMTPSA id ");
        assertThat(Mail.withoutTrace(arrived, "Return-Path")).isEqualTo(message);
    }

    @Test
    void deliversToTheGoodRecipientsOfAMessageAndRefusesTheBad() {
        AngusClient client = new AngusClient(server.port("submissions"), Tls.IMPLICIT);
        String message = Mail.from("several", Mail.awkward("several"));
        assertThatThrownBy(() -> client.send(
                        "several",
                        "secret",
                        "several@localhost",
                        message,
                        "several@localhost",
                        "nobody@localhost",
                        "postmaster@localhost"))
                .isInstanceOfSatisfying(SendFailedException.class, refused -> {
                    assertThat(refused.getInvalidAddresses())
                            .extracting(Object::toString)
                            .containsExactly("nobody@localhost");
                    assertThat(refused.getValidSentAddresses()).hasSize(2);
                    assertThat(refused.getNextException()).hasMessageContaining("550 5.1.1");
                });
        assertThat(Mail.withoutTrace(Mail.arrived(data, "several", 1).get(0), "Return-Path"))
                .isEqualTo(message);
    }

    @Test
    void takesAMessageOfTenMebibytes() throws Exception {
        String message = Mail.from("large", Mail.large("large", 10 << 20));
        new AngusClient(server.port("submission"), Tls.STARTTLS)
                .send("large", "secret", "large@localhost", message, "large@localhost");
        assertThat(Mail.withoutTrace(Mail.arrived(data, "large", 1).get(0), "Return-Path")
                        .equals(message))
                .isTrue();
    }

    @Test
    void refusesAWrongPassword() {
        assertThatThrownBy(() -> new AngusClient(server.port("submission"), Tls.STARTTLS)
                        .send("refused", "wrong", "refused@localhost", Mail.awkward("x"), "refused@localhost"))
                .isInstanceOf(AuthenticationFailedException.class)
                .hasMessageContaining("535 5.7.8");
    }

    @Test
    void refusesASenderThatTheLoginDoesNotOwn() {
        assertThatThrownBy(() -> new AngusClient(server.port("submission"), Tls.STARTTLS)
                        .send("sender", "secret", "refused@localhost", Mail.awkward("x"), "sender@localhost"))
                .hasMessageContaining("553 5.7.1");
    }

    @Test
    void refusesAnAuthorWhomTheLoginDoesNotOwn() {
        assertThatThrownBy(() -> new AngusClient(server.port("submission"), Tls.STARTTLS)
                        .send("sender", "secret", "sender@localhost", Mail.awkward("x"), "sender@localhost"))
                .hasMessageContaining("550 5.7.1");
    }
}

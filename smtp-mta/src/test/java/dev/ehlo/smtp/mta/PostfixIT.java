package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.mta.AngusClient.Tls;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A real Postfix as the client: it takes mail from Angus and relays it by every way in, octet for octet. */
class PostfixIT {
    @TempDir
    private static Path scratch;

    private static EhloProcess server;
    private static PostfixServer postfix;

    @BeforeAll
    static void start() throws Exception {
        server = EhloProcess.serve(scratch.resolve("data"));
        postfix = new PostfixServer(scratch, server, scratch.resolve("data/tls/cert.pem"));
    }

    @AfterAll
    static void stop() {
        if (postfix != null) {
            postfix.close();
        }
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void relaysOctetForOctet(Way way) throws Exception {
        AngusClient client = new AngusClient(postfix.port(way), Tls.NONE);
        List<String> messages = List.of(Mail.awkward("postfix-" + way), Mail.empty("postfix-empty-" + way));
        for (String message : messages) {
            client.send(null, null, MailClient.ADDRESS, message, MailClient.ADDRESS);
        }
        for (String message : messages) {
            String arrived;
            try {
                arrived = Mail.arrived(scratch.resolve("data"), MailClient.USER, message);
            } catch (RuntimeException e) {
                throw new AssertionError(postfix.log(), e);
            }
            assertThat(Mail.withoutTrace(arrived, "Return-Path")).isEqualTo(message);
            assertThat(arrived).contains("by localhost with " + way.protocol + " id ", "(Postfix) with ESMTP id ");
        }
    }

    @ParameterizedTest
    @MethodSource("mechanisms")
    void logsIn(Mechanism mechanism) throws Exception {
        AngusClient client = new AngusClient(postfix.port(mechanism), Tls.NONE);
        String message = Mail.awkward("postfix-login-" + mechanism);
        client.send(null, null, MailClient.ADDRESS, message, MailClient.ADDRESS);
        try {
            Mail.arrived(scratch.resolve("data"), MailClient.USER, message);
        } catch (RuntimeException e) {
            throw new AssertionError(postfix.log(), e);
        }
    }

    static List<Mechanism> mechanisms() {
        return PostfixServer.MECHANISMS;
    }
}

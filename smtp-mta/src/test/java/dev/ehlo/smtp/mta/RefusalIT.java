package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.tls.AnyServer;
import dev.ehlo.smtp.testkit.Transcript;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the roles of the ports forbid, asked of the running server. */
class RefusalIT {
    @TempDir
    private static Path scratch;

    private static EhloProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = EhloProcess.serve(scratch.resolve("data"), "--host", "mx.example.org");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static InetSocketAddress at(String profile) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port(profile));
    }

    @Test
    void mxRelaysNothingAndKnowsItsUsers() throws Exception {
        Transcript.parse("""
                        S: 220 mx.example.org *
                        C: EHLO client.example
                        S: 250-mx.example.org*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250-*
                        S: 250 *
                        C: AUTH PLAIN AHVzZXIAc2VjcmV0
                        S: 502 5.5.1 *
                        C: MAIL FROM:<a@elsewhere.example>
                        S: 250 2.1.0 *
                        C: RCPT TO:<b@elsewhere.example>
                        S: 550 5.7.1 *
                        C: RCPT TO:<user%elsewhere.example@localhost>
                        S: 550 5.7.1 *
                        C: RCPT TO:<@localhost:user@elsewhere.example>
                        S: 550 5.7.1 *
                        C: RCPT TO:<nobody@localhost>
                        S: 550 5.1.1 *
                        C: RCPT TO:<nobody@mx.example.org>
                        S: 550 5.1.1 *
                        C: RCPT TO:<USER@MX.example.ORG>
                        S: 250 2.1.5 *
                        C: RCPT TO:<Postmaster>
                        S: 250 2.1.5 *
                        C: QUIT
                        S: 221 *
                        """).run(at("mx"));
    }

    @Test
    void submissionWantsTlsThenALogin() throws Exception {
        for (String profile : new String[] {"submission", "alternate"}) {
            SSLContext anyCertificate = AnyServer.context();
            Transcript.parse("""
                            S: 220 *
                            C: MAIL FROM:<user@localhost>
                            S: 530 5.7.0 *
                            C: EHLO client.example
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250 *
                            C: AUTH PLAIN AHVzZXIAc2VjcmV0
                            S: 538 5.7.11 *
                            C: STARTTLS
                            S: 220 *
                            -- starttls
                            C: EHLO client.example
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250-*
                            S: 250 *
                            C: MAIL FROM:<user@localhost>
                            S: 530 5.7.0 *
                            C: AUTH PLAIN AHVzZXIAd3Jvbmc=
                            S: 535 5.7.8 *
                            C: QUIT
                            S: 221 *
                            """).run(at(profile), anyCertificate);
        }
    }

    @Test
    void tellsAWrongPasswordAndAnUnknownLoginAlike() throws Exception {
        EhloProcess.Result wrong = send("user:wrong");
        EhloProcess.Result unknown = send("stranger:wrong");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.out()).contains("535 5.7.8");
        assertThat(unknown.all()).isEqualTo(wrong.all());
    }

    private static EhloProcess.Result send(String user) throws Exception {
        return EhloProcess.run(
                scratch,
                Mail.awkward("x"),
                "send",
                "--server",
                "127.0.0.1:" + server.port("submission"),
                "--insecure",
                "--user",
                user,
                "--from",
                "user@localhost",
                "--to",
                "user@localhost");
    }
}

package dev.ehlo.smtp.mta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ehlo check} against servers of each kind that is wrong: each ends with the right sentence. */
class CheckIT extends CheckRig {
    @Test
    void nothingIsWrong() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start()) {
            Result result = check(peer, "submission", GOOD, "--user", "user:secret");
            assertGood(result);
            assertThat(result.out())
                    .contains("by STARTTLS", "29 days left", "logged in")
                    .doesNotContain("secret");
        }
    }

    @Test
    void aLoginThatIsRefused() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start()) {
            Result result = check(peer, "submission", GOOD, "--user", "user:hush-hush");
            assertWrong(result, ": the login is refused: 535");
            assertThat(result.out()).doesNotContain("hush");
        }
    }

    @Test
    void aPasswordIsNotSentToWhoProvesNothing() throws Exception {
        try (ScriptedPeer peer =
                submission(TestCertificate.selfSigned("localhost")).start()) {
            Result result = check(peer, "submission", GOOD, "--user", "user:secret");
            assertWrong(
                    result, "the certificate is self-signed; get", "the login was not tried: the certificate does not");
            assertThat(peer.commands()).noneMatch(command -> command.startsWith("AUTH"));
        }
    }

    @Test
    void anExpiredCertificate() throws Exception {
        TestCertificate expired = TestCertificate.expired("localhost");
        try (ScriptedPeer peer = submission(expired).start()) {
            assertWrong(check(peer, "submission", expired), "the certificate is expired since ");
        }
    }

    @Test
    void aWrongName() throws Exception {
        TestCertificate other = TestCertificate.selfSigned("other.example");
        try (ScriptedPeer peer = submission(other).start()) {
            assertWrong(
                    check(peer, "submission", other),
                    "the certificate is issued for other.example, not for localhost; get one for the name that clients use");
        }
    }

    @Test
    void implicitTlsWhereStartTlsBelongs() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .implicitTls(GOOD.serverContext())
                .login("user", "secret")
                .start()) {
            assertWrong(
                    check(peer, "submission", GOOD, "--timeout", "5s"),
                    "the port is for STARTTLS, and the server speaks TLS from the first octet; turn off implicit TLS");
            assertGood(check(peer, "submissions", GOOD));
        }
    }

    @Test
    void clearWhereImplicitTlsBelongs() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start()) {
            assertWrong(
                    check(peer, "submissions", GOOD),
                    "the port is for TLS from the first octet, and the server speaks in clear; turn on implicit TLS");
        }
    }

    @Test
    void noAuth() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().startTls(GOOD.serverContext()).start()) {
            assertWrong(
                    check(peer, "submission", GOOD), "no login (AUTH) is offered under TLS, so that no user can send");
        }
    }

    @Test
    void noStartTls() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            Result result = check(peer, "mx", GOOD);
            assertGood(result);
            assertThat(result.sentences("ADVICE").get(0))
                    .contains("no STARTTLS is offered, so that mail to it goes in clear");
        }
    }

    @Test
    void nobodyListens() throws Exception {
        int port = EhloProcess.freePort();
        assertWrong(
                check("127.0.0.1:" + port),
                "127.0.0.1:" + port + ": the connection is refused, as nobody listens there or a firewall rejects it;");
    }

    @Test
    void aSilentPort() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            assertWrong(
                    check(
                            "127.0.0.1:" + silent.getLocalPort(),
                            "--port",
                            "mx=" + silent.getLocalPort(),
                            "--timeout",
                            "1s"),
                    "the connection stands, but no greeting comes, in clear or by TLS; see whether the server hangs");
        }
    }

    @Test
    void closedAtOnce() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().drop())
                .script(Script.begin().drop())
                .start()) {
            assertWrong(check(peer, "mx", GOOD), "the connection is closed before a greeting;");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SSH-2.0-OpenSSH_9\r\n", "\u001b]0;owned\u0007\u001b[2J\r\n", "220\u001b[31m x\r\n", "\0\0\0"})
    void whatIsNoSmtpIsEscaped(String said) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().octets(said.getBytes(UTF_8)).hold(never))
                .script(Script.begin().octets(said.getBytes(UTF_8)).hold(never))
                .start()) {
            Result result = check(peer, "mx", GOOD, "--timeout", "5s");
            never.countDown();
            assertWrong(result, "something other than SMTP answers: ");
            assertThat(result.out()).doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f]");
        }
    }

    @Test
    void escapesInAGreetingMoveNoTerminal() throws Exception {
        Script script = Script.begin()
                .octets("220 a\u001b[2J b\u0007\r\n".getBytes(UTF_8))
                .expect("EHLO *")
                .octets("250-x\r\n250-\u001b[31mEVIL\r\n250 SIZE\r\n".getBytes(UTF_8));
        for (String form : List.of("text", "json")) {
            try (ScriptedPeer peer =
                    ScriptedPeer.builder().script(script.expect("QUIT").drop()).start()) {
                Result result = form.equals("json") ? check(peer, "mx", GOOD, "--json") : check(peer, "mx", GOOD);
                assertThat(result.out())
                        .contains("\\u001b[2J", "\\u001b[31mEVIL")
                        .doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f]");
            }
        }
    }

    @Test
    void whetherARecipientWouldBeTakenIsAskedWithoutAMessage() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .refuse("no@*", Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            assertGood(check(peer, "mx", GOOD, "--rcpt", "yes@example.org"));
            assertWrong(check(peer, "mx", GOOD, "--rcpt", "no@example.org"), "<no@example.org> is refused: 550 5.1.1");
            assertThat(peer.commands()).contains("RSET").doesNotContain("DATA");
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void aSenderThatIsRefused() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<bad@*", Fault.reply(Reply.of(550, "5.7.1", "not you")))
                .start()) {
            assertWrong(
                    check(peer, "mx", GOOD, "--rcpt", "yes@example.org", "--from", "bad@example.org"),
                    "the sender (--from) is refused before the recipient is asked about: 550 5.7.1 not you");
        }
    }

    @Test
    void aRecipientOfWhomNothingIsSaid() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("RCPT *", Fault.drop()).start()) {
            Result result = check(peer, "mx", GOOD, "--rcpt", "yes@example.org");
            assertWrong(result, "whether <yes@example.org> is taken can't be said: no answer to RCPT");
            assertThat(result.out()).contains("open  220 ").doesNotContain("turn");
        }
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("RSET", Fault.drop()).start()) {
            assertGood(check(peer, "mx", GOOD, "--rcpt", "yes@example.org"));
        }
    }

    @Test
    void whatWasAskedForAndCouldBeDoneNowhere() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start()) {
            assertWrong(check(peer, "mx", GOOD, "--user", "user:secret"), "localhost: no login was tried, as no port");
            assertWrong(
                    check(peer, "submission", GOOD, "--rcpt", "yes@example.org"),
                    "localhost: nobody was asked about <yes@example.org>, as no port for mail from servers");
            assertThat(peer.commands()).noneMatch(each -> each.startsWith("AUTH") || each.startsWith("RCPT"));
        }
    }

    @Test
    void aServerOfOld() throws Exception {
        Script script = Script.begin()
                .reply("220 old")
                .expect("EHLO *")
                .reply("502 what")
                .expect("HELO *")
                .reply("250 hello")
                .expect("QUIT")
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder().script(script).start()) {
            assertGood(check(peer, "mx", GOOD));
        }
    }

    @Test
    void aServerThatHangsUpOnStartTls() throws Exception {
        try (ScriptedPeer peer =
                submission(GOOD).fault("STARTTLS", Fault.drop()).start()) {
            Result result = check(peer, "submission", GOOD);
            assertWrong(result, "TLS comes to nothing: no answer to STARTTLS");
            assertThat(result.out()).contains("offers ");
        }
    }

    /** Where no clear text stands before the octet, Latin-1 has it for the end of a line. */
    @Test
    void anOctetThatEndsLinesElsewhereIsAnyOther() throws Exception {
        Script script = Script.begin()
                .octets(new byte[] {'2', '2', '0', ' ', 'a', (byte) 0x85, 'b', '\r', '\n'})
                .expect("EHLO *")
                .reply("250 hello")
                .expect("QUIT")
                .drop();
        try (ScriptedPeer peer = ScriptedPeer.builder().script(script).start()) {
            Result result = check(peer, "mx", GOOD);
            assertGood(result);
            assertThat(result.out()).contains("220 a\\u0085b");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx", "submissions", ""})
    void whatAnswersTheHandshakeInClearAndIsSilentElseIsNoSmtp(String role) throws Exception {
        try (ServerSocket web = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            serve(web, connection -> {
                if (connection.getInputStream().read() >= 0) {
                    connection.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
                }
            });
            int port = web.getLocalPort();
            String place = "127.0.0.1:" + port;
            Result result = role.isEmpty()
                    ? check(place, "--timeout", "1s")
                    : check(place, "--port", role + "=" + port, "--timeout", "1s");
            assertWrong(result, "something other than SMTP answers: no greeting in time (--timeout), and no TLS");
        }
    }

    @Test
    void aGreetingThatIsLateIsOneAllTheSame() throws Exception {
        try (ServerSocket slow = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<Socket> waiting = new ArrayList<>();
            Exception[] failure = new Exception[1];
            Thread server = new Thread(() -> {
                try {
                    Socket first = slow.accept();
                    waiting.add(slow.accept());
                    first.getOutputStream().write("220 at last\r\n".getBytes(UTF_8));
                    BufferedReader in = new BufferedReader(new InputStreamReader(first.getInputStream(), UTF_8));
                    if (in.readLine().startsWith("EHLO ")) {
                        first.getOutputStream().write("250 hello\r\n".getBytes(UTF_8));
                    }
                } catch (Exception e) {
                    failure[0] = e;
                }
            });
            server.start();
            int port = slow.getLocalPort();
            Result result = check("127.0.0.1:" + port, "--port", "mx=" + port, "--timeout", "1s");
            server.join(20_000);
            assertThat(failure[0]).isNull();
            assertGood(result);
            assertThat(result.out()).contains("open  220 at last");
            waiting.get(0).close();
        }
    }

    /** Each connection on a thread of its own, until the socket is closed. */
    private static void serve(ServerSocket server, Serving serving) {
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    Socket connection = server.accept();
                    Thread one = new Thread(() -> {
                        try (connection) {
                            serving.serve(connection);
                            connection.getInputStream().transferTo(OutputStream.nullOutputStream());
                        } catch (IOException e) {
                            return; // the client is gone
                        }
                    });
                    one.setDaemon(true);
                    one.start();
                }
            } catch (IOException e) {
                return; // closed
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @FunctionalInterface
    private interface Serving {
        void serve(Socket connection) throws IOException;
    }

    @Test
    void machinesGetOneObject() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start()) {
            Result result = check(peer, "submission", GOOD, "--json");
            assertThat(result.exitCode()).isZero();
            assertThat(result.out().lines()).hasSize(1);
            assertThat(result.out())
                    .startsWith("{\"subject\":\"localhost\",\"time\":\"")
                    .contains(
                            "\"wrong\":false,\"findings\":[]",
                            "\"reach\":\"open\"",
                            "\"state\":\"starttls\"",
                            "\"daysLeft\":29");
        }
    }

    @Test
    void postfix() throws Exception {
        int mx = EhloProcess.freePort();
        int wrapped = EhloProcess.freePort();
        Path authority = scratch.resolve("authority.pem");
        Path key = scratch.resolve("postfix-key.pem");
        GOOD.writePem(authority, key);
        PostfixProcess.open(scratch);
        String main = """
                smtpd_tls_cert_file = %s
                smtpd_tls_key_file = %s
                smtpd_tls_security_level = may
                """.formatted(authority, key);
        String services = """
                127.0.0.1:%d inet n - n - - smtpd
                127.0.0.1:%d inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
                """.formatted(mx, wrapped);
        try (PostfixProcess postfix = new PostfixProcess(scratch, main, services, List.of(mx, wrapped))) {
            String ca = authority.toString();
            assertGood(check("localhost:" + mx, "--port", "mx=" + mx, "--ca", ca));
            assertWrong(
                    check("localhost:" + mx, "--port", "submission=" + mx, "--ca", ca),
                    "localhost:" + mx + ": no login (AUTH) is offered under TLS");
            assertWrong(
                    check("localhost:" + wrapped, "--port", "submission=" + wrapped, "--ca", ca, "--timeout", "5s"),
                    "the port is for STARTTLS, and the server speaks TLS from the first octet",
                    "no login (AUTH) is offered under TLS");
            assertThat(Files.exists(authority)).as(postfix.log()).isTrue();
        }
    }

    @Test
    void exim() throws Exception {
        int port = EhloProcess.freePort();
        Path chain = scratch.resolve("exim.pem");
        Path key = scratch.resolve("exim-key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        addPublicKey(key);
        try (EximProcess exim = new EximProcess(scratch, chain, key, port)) {
            String place = "localhost:" + port;
            String ca = chain.toString();
            Result good = check(place, "--port", "submission=" + port, "--ca", ca, "--user", "user:secret");
            assertGood(good);
            assertThat(good.sentences("ADVICE").get(0))
                    .startsWith(place + ": logins are offered before TLS, and careless");
            assertWrong(
                    check(place, "--port", "submission=" + port, "--ca", ca, "--user", "user:wrong"),
                    place + ": the login is refused: 535 Incorrect authentication data");
            assertWrong(
                    check(place, "--port", "submissions=" + port, "--ca", ca),
                    "and the server speaks in clear; turn on");
            assertThat(exim.log()).contains("authenticator failed for");
        }
    }

    /** GnuTLS takes no EC key without its public part, which the JDK leaves out. */
    private void addPublicKey(Path key) throws Exception {
        Path whole = scratch.resolve("whole.pem");
        String openssl = Peers.installed("/usr/bin/openssl");
        EhloProcess.Result made = EhloProcess.exec(
                scratch, "", Map.of(), List.of(openssl, "ec", "-in", key.toString(), "-out", whole.toString()));
        assertThat(made.exitCode()).as(made.all()).isZero();
        Files.copy(whole, key, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    }
}

package dev.ehlo.smtp.mta;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code ehlo check} against servers of each kind that is wrong: each ends with the right sentence. */
class CheckIT {
    private static final TestCertificate GOOD = TestCertificate.selfSigned("localhost", "mx.example.org");

    @TempDir
    private Path scratch;

    private record Result(int exitCode, String out) {
        /** What begins with that word, each sentence in one line. */
        List<String> sentences(String word) {
            List<String> sentences = new ArrayList<>();
            for (String line : out.lines().toList()) {
                if (line.matches("(WRONG |ADVICE|GOOD  ) .*")) {
                    sentences.add(line);
                } else if (!sentences.isEmpty()) {
                    int last = sentences.size() - 1;
                    sentences.set(last, sentences.get(last) + ' ' + line.strip());
                }
            }
            return sentences.stream()
                    .filter(each -> each.startsWith(word))
                    .map(each -> each.substring(7))
                    .toList();
        }
    }

    private Result check(String... arguments) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(List.of(arguments));
        CommandLine command = Ehlo.commandLine(InputStream.nullInputStream());
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
        return new Result(command.execute(all.toArray(String[]::new)), out.toString());
    }

    private Result check(ScriptedPeer peer, String role, TestCertificate authority, String... more) throws Exception {
        Path ca = scratch.resolve("ca.pem");
        authority.writePem(ca, scratch.resolve("key.pem"));
        List<String> all = new ArrayList<>(
                List.of("localhost:" + peer.port(), "--port", role + "=" + peer.port(), "--ca", ca.toString()));
        all.addAll(List.of(more));
        return check(all.toArray(String[]::new));
    }

    private static void assertWrong(Result result, String... sentences) {
        assertThat(result.exitCode()).as(result.out()).isEqualTo(1);
        List<String> said = result.sentences("WRONG");
        assertThat(said).as(result.out()).hasSize(sentences.length);
        for (int i = 0; i < sentences.length; i++) {
            assertThat(said.get(i)).contains(sentences[i]).endsWith(".");
        }
    }

    private static void assertGood(Result result) {
        assertThat(result.exitCode()).as(result.out()).isZero();
        assertThat(result.sentences("GOOD")).hasSize(1);
        assertThat(result.sentences("WRONG")).isEmpty();
    }

    private static ScriptedPeer.Builder submission(TestCertificate certificate) {
        return ScriptedPeer.builder().startTls(certificate.serverContext()).login("user", "secret");
    }

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
                .refuse("no@*", dev.ehlo.smtp.Reply.of(550, "5.1.1", "no such user"))
                .start()) {
            assertGood(check(peer, "mx", GOOD, "--rcpt", "yes@example.org"));
            assertWrong(check(peer, "mx", GOOD, "--rcpt", "no@example.org"), "<no@example.org> is refused: 550 5.1.1");
            assertThat(peer.commands()).contains("RSET").doesNotContain("DATA");
            assertThat(peer.messages()).isEmpty();
        }
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

    private Result domain(ScriptedPeer peer, String domain, Zone zone) throws Exception {
        GOOD.writePem(scratch.resolve("ca.pem"), scratch.resolve("key.pem"));
        return check(
                domain,
                "--dns",
                zone.address(),
                "--dane",
                "trust",
                "--port",
                "mx=" + peer.port(),
                "--ca",
                scratch.resolve("ca.pem").toString());
    }

    private static String tlsa(TestCertificate certificate) throws Exception {
        byte[] key = certificate.x509().getPublicKey().getEncoded();
        return "3 1 1 "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
    }

    @Test
    void daneIsKeptOrNot() throws Exception {
        TestCertificate unknown = TestCertificate.expired("nobody.example");
        for (boolean isKept : new boolean[] {true, false}) {
            try (ScriptedPeer peer = ScriptedPeer.builder()
                            .startTls(unknown.serverContext())
                            .start();
                    Zone zone = new Zone(
                            "example.org MX 10 mx.example.org.",
                            "mx.example.org A 127.0.0.1",
                            "_smtp._tls.example.org TXT \"v=TLSRPTv1; rua=mailto:tls@example.org\"",
                            "_25._tcp.mx.example.org TLSA " + tlsa(isKept ? unknown : GOOD))) {
                Result result = domain(peer, "user@example.org", zone);
                if (isKept) {
                    assertGood(result);
                    assertThat(result.out())
                            .contains("the certificate is that of TLSA 3 1 1", "mailto:tls@example.org");
                } else {
                    assertWrong(
                            result,
                            "mx.example.org:" + peer.port() + ": DANE refuses the certificate, so that mail to it");
                }
            }
        }
    }

    @Test
    void whatDnsSaysOfDomains() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                Zone zone = new Zone(
                        "null.example MX 0 .",
                        "empty.example MX 10 none.example.",
                        "none.example TXT here",
                        "tls.example MX 10 mx.tls.example.",
                        "mx.tls.example A 127.0.0.1",
                        "_smtp._tls.tls.example TXT \"v=TLSRPTv1; rua=http://tls.example\"",
                        "_mta-sts.tls.example TXT \"v=STSv1;\"",
                        "_submission._tcp.tls.example SRV 0 0 1 nowhere.example.")) {
            assertWrong(
                    domain(peer, "null.example", zone),
                    "null.example: the domain says that it takes no mail (null MX)");
            assertWrong(
                    domain(peer, "empty.example", zone), "empty.example: no mail host of the domain has an address");
            assertWrong(domain(peer, "missing.example", zone), "missing.example: there is no such domain");
            assertWrong(
                    domain(peer, "tls.example", zone),
                    "nowhere.example: an SRV record names a host for users that has no address",
                    "tls.example: its MTA-STS holds nobody to anything: the record is malformed, or has no id",
                    "tls.example: nobody sends it TLS reports: the record has no good rua");
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

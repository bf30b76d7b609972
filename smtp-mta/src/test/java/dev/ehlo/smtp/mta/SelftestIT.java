package dev.ehlo.smtp.mta;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.mta.selftest.Attack;
import dev.ehlo.smtp.mta.selftest.Campaign;
import dev.ehlo.smtp.mta.selftest.Catalogue;
import dev.ehlo.smtp.mta.selftest.Entrance;
import dev.ehlo.smtp.mta.selftest.FakeServer;
import dev.ehlo.smtp.mta.selftest.FakeServer.Weakness;
import dev.ehlo.smtp.mta.selftest.Report;
import dev.ehlo.smtp.mta.selftest.Site;
import dev.ehlo.smtp.mta.selftest.Verdict;
import dev.ehlo.smtp.mta.selftest.Watch;
import dev.ehlo.smtp.server.Content;
import dev.ehlo.smtp.server.ErrorDelay;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SenderRule;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.server.SmtpServerBuilder;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code ./ehlo selftest}: that our server holds is worth as much as that another one does not. */
class SelftestIT {
    private static final int ATTACKERS = 8;
    /** A factor by which ten minutes are over in a second. */
    private static final int MINUTES_IN_A_SECOND = 600;

    @Test
    void ourServerHolds() {
        StringWriter out = new StringWriter();
        CommandLine command = Ehlo.commandLine(new ByteArrayInputStream(new byte[0]));
        command.setOut(new PrintWriter(out, true));
        int code = command.execute("selftest", "--only", "A1,A3,C15,E26", "--port", "alternate=off");
        assertThat(code).as(out.toString()).isZero();
        assertThat(out.toString().lines())
                .anyMatch(line -> line.matches("A1 +mx +none +HELD +commands behind STARTTLS .*"))
                .anyMatch(line -> line.matches("A1 +submissions +implicit +NOT APPLICABLE .* under TLS already"))
                .anyMatch(line -> line.matches("A3 +alternate +none +NOT APPLICABLE .* does not listen"))
                .noneMatch(line -> line.contains("BROKEN"))
                .last()
                .asString()
                .startsWith("HELD: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ENDS_DATA_AT_LF_DOT_LF | \\n.\\n for end of data, in DATA, at every cut",
                "RUNS_WHAT_CAME_BEHIND_STARTTLS | commands behind STARTTLS in its segment (CVE-2011-0411)",
                "KEEPS_STATE_OVER_STARTTLS | state of before kept under TLS",
                "GOES_ON_IN_CLEAR_BEHIND_CLOSE_NOTIFY | close_notify in a body, then clear text, TLSv1.3 (CVE-2026-45185)",
                "RELAYS_BY_PERCENT | recipients elsewhere, in 40 disguises",
                "GOES_ON_IN_CLEAR_BEHIND_CLOSE_NOTIFY | close_notify in a body, then clear text, TLSv1.2 (CVE-2026-45185)",
                "HEARS_HTTP_OUT | HTTP: GET, POST, PUT, HEAD, CONNECT, OPTIONS (CVE-2021-3618)",
                "SERVES_NOBODY | STARTTLS with an argument"
            })
    void aServerIsBrokenThatLacksADefenceAndHoldsThatHasIt(Weakness weakness, String attack) throws Exception {
        assertThat(fake(attack)).isNotEmpty().allMatch(each -> each.outcome() == Verdict.Outcome.HELD, "held");
        assertThat(fake(attack, weakness)).anySatisfy(SelftestIT::assertBroken);
    }

    private static void assertBroken(Verdict verdict) {
        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.BROKEN);
        assertThat(verdict.seen()).isNotEmpty().matches("[ -~]*");
    }

    private static List<Verdict> fake(String attack, Weakness... weaknesses) throws Exception {
        Watch watch = new Watch();
        try (FakeServer server = new FakeServer(watch, weaknesses)) {
            return run(attack, Map.of("mx", server.address()), watch, 1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "connect and wait",
                "an octet per 10 s of a command",
                "an octet per 10 s of a TLS handshake",
                "an octet per 10 s of content",
                "an octet per 10 s of a proxy's header"
            })
    void aServerThatWaitsForEverIsBroken(String attack) throws Exception {
        Watch watch = new Watch();
        try (FakeServer server = new FakeServer(watch)) {
            assertThat(run(attack, Map.of("mx", server.address()), watch, MINUTES_IN_A_SECOND))
                    .isNotEmpty()
                    .allSatisfy(SelftestIT::assertBroken)
                    .allSatisfy(each -> assertThat(each.seen()).startsWith("still open after 600 s"));
        }
    }

    @Test
    void aServerThatKeepsRepliesThatNobodyReadsIsBroken() throws Exception {
        Watch watch = new Watch();
        try (FakeServer server = new FakeServer(watch, Weakness.KEEPS_REPLIES_THAT_NOBODY_READS)) {
            assertThat(run("replies that nobody reads", Map.of("mx", server.address()), watch, 1))
                    .anySatisfy(each -> assertThat(each.seen()).endsWith("octets of commands were taken, to the last"));
        }
    }

    /** The JDK's server side takes them, unless a property of the whole process says no. */
    @Test
    void aServerThatRenegotiatesIsBroken() throws Exception {
        assertThat(fake("renegotiation, TLSv1.2"))
                .singleElement()
                .satisfies(SelftestIT::assertBroken)
                .satisfies(each -> assertThat(each.seen()).startsWith("renegotiated"));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2", "TLSv1.3"})
    void serversThatTakeTheTicketsOfEachOtherAreBroken(String version) throws Exception {
        Watch watch = new Watch();
        try (FakeServer one = new FakeServer(watch);
                FakeServer other = new FakeServer(watch)) {
            assertThat(run(
                            "a session ticket of another service, " + version,
                            Map.of("mx", one.address(), "submission", other.address()),
                            watch,
                            1))
                    .hasSize(2)
                    .allSatisfy(each -> assertThat(each.seen()).contains(" was resumed on "));
        }
    }

    private static List<Verdict> run(String attack, Map<String, InetSocketAddress> addresses, Watch watch, int factor)
            throws InterruptedException {
        List<Attack> one = Catalogue.all().stream()
                .filter(each -> each.name().equals(attack))
                .toList();
        assertThat(one).as(attack).hasSize(1);
        AtomicInteger guessed = new AtomicInteger();
        Site site = new Site(
                addresses,
                "localhost",
                "alice",
                List.of("alice"),
                "Secret-8",
                "bob",
                () -> "carol" + guessed.incrementAndGet(),
                "dave",
                watch,
                factor,
                false);
        List<Verdict> verdicts = new Campaign(
                        Arrays.stream(Attack.Pace.values()).collect(toMap(pace -> pace, pace -> site)), ATTACKERS, 4)
                .run(one);
        assertThat(verdicts).hasSize(Entrance.ALL.size());
        return verdicts.stream()
                .filter(each -> each.outcome() != Verdict.Outcome.NOT_APPLICABLE)
                .toList();
    }

    // Our own server, with one setting that is weak.

    private static List<Verdict> ours(String attack, Profile mx, Profile submission, SmtpServerBuilder builder)
            throws IOException, InterruptedException {
        Watch watch = new Watch();
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        WatchedHandler handler = new WatchedHandler(
                (session, envelope) ->
                        Content.asBytes(1 << 20, octets -> dev.ehlo.smtp.Reply.of(250, "2.0.0", "Taken")),
                watch);
        try (SmtpServer server = builder.hostname("localhost")
                .tls(TlsContext.selfSigned("localhost"))
                .handler(handler)
                .listen(mx.at(anywhere))
                .listen(submission.at(anywhere))
                .start()) {
            return run(
                    attack, Map.of("mx", server.address("mx"), "submissions", server.address("submissions")), watch, 1);
        }
    }

    private static SmtpServerBuilder builder() {
        return SmtpServer.builder()
                .authenticator(
                        (login, password) -> password.equals("Secret-8") ? Optional.of(login) : Optional.empty());
    }

    @Test
    void anOpenRelayIsBroken() throws Exception {
        String attack = "recipients elsewhere, in 40 disguises";
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), builder()))
                .hasSize(2)
                .allMatch(each -> each.outcome() == Verdict.Outcome.HELD, "held");
        assertThat(ours(attack, Profile.mx().anyRecipient(), Profile.submissions(), builder()))
                .hasSize(2)
                .allSatisfy(SelftestIT::assertBroken);
    }

    @Test
    void aServerThatLetsUsersBeAnybodyIsBroken() throws Exception {
        String attack = "MAIL FROM of another user, of a stranger, in disguise";
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), builder()))
                .singleElement()
                .satisfies(each -> assertThat(each.outcome()).isEqualTo(Verdict.Outcome.HELD));
        SenderRule anybody = (login, sender) -> true;
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), builder().senderRule(anybody)))
                .singleElement()
                .satisfies(SelftestIT::assertBroken);
    }

    @Test
    void aServerThatLetsAnybodyInIsBroken() throws Exception {
        SmtpServerBuilder careless = SmtpServer.builder().authenticator((login, password) -> Optional.of(login));
        assertThat(ours("wrong and empty passwords, wrong case", Profile.mx(), Profile.submissions(), careless))
                .singleElement()
                .satisfies(SelftestIT::assertBroken);
    }

    @Test
    void aServerThatNeverHasEnoughOfErrorsIsBroken() throws Exception {
        SessionLimits patient = Profile.mx().limits().maxErrors(1_000_000).errorDelay(ErrorDelay.NONE);
        assertThat(ours("FOO × 10^5", Profile.mx().limits(patient), Profile.submissions(), builder()))
                .satisfiesExactly(
                        SelftestIT::assertBroken,
                        SelftestIT::assertBroken,
                        each -> assertThat(each.outcome()).isEqualTo(Verdict.Outcome.HELD));
    }

    @Test
    void aServerThatTakesAnybodyForAProxyIsBroken() throws Exception {
        Profile trusting = Profile.mx().proxyFrom(List.of(Network.parse("127.0.0.0/8")));
        Profile submissions = Profile.submissions().proxyFrom(List.of(Network.parse("127.0.0.0/8")));
        assertThat(ours("a PROXY header of a client that is no proxy, v1 and v2", trusting, submissions, builder()))
                .hasSize(3)
                .allSatisfy(SelftestIT::assertBroken);
    }

    @Test
    void aServerThatLocksOutLoginsAndNoNetworkIsBroken() throws Exception {
        String attack = "passwords guessed from 40 addresses of one /24";
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), builder()))
                .singleElement()
                .satisfies(each -> assertThat(each.outcome()).isEqualTo(Verdict.Outcome.HELD));
        SmtpServerBuilder ofLogins = builder()
                .limits(ServerLimits.STANDARD.failedLogins(ServerLimits.STANDARD.failedLoginsPerLogin(), 1000));
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), ofLogins))
                .singleElement()
                .satisfies(SelftestIT::assertBroken);
    }

    @Test
    void aServerThatHashesForLoginsItKnowsAloneIsBroken() throws Exception {
        String attack = "time that tells a known login from an unknown one";
        byte[] much = new byte[8 << 20];
        SmtpServerBuilder telling = SmtpServer.builder().authenticator((login, password) -> {
            boolean isHashed = !login.startsWith("carol") || sha256(much).length > 0;
            return isHashed && password.equals("Secret-8") ? Optional.of(login) : Optional.empty();
        });
        assertThat(ours(attack, Profile.mx(), Profile.submissions(), telling))
                .singleElement()
                .satisfies(SelftestIT::assertBroken)
                .satisfies(each -> assertThat(each.seen()).startsWith("a known login takes "));
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theReportIsOfVerdictsAndEscaped() {
        Attack attack = Catalogue.all().get(0);
        Verdict broken =
                new Verdict(attack, Entrance.ALL.get(0), Verdict.Outcome.BROKEN, "\"\\r\\n\" went through", 0.25);
        Report report = new Report(List.of(broken), 12, 1.5);
        assertThat(report.isHeld()).isFalse();
        assertThat(report.json())
                .contains("\"verdict\":\"BROKEN\"", "\"seen\":\"\\\"\\\\r\\\\n\\\" went through\"", "\"seconds\":0.250")
                .startsWith("{\"held\":0,\"broken\":1,")
                .endsWith("}]}");
        assertThat(new Report(List.of(), 12, 0).isHeld()).isFalse();
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ehlo check} of domains and hosts whose DNS is the test's own. */
class CheckDomainIT extends CheckRig {
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

    /** Shut, and nobody else listens there: the port is bound. */
    @Test
    void aDomainThatNamesItselfIsItsMailHost() throws Exception {
        try (ScriptedPeer peer = submission(GOOD).start();
                Zone zone = new Zone("self.example MX 0 self.example.", "self.example A 127.0.0.1")) {
            int shut = EhloProcess.freePort();
            String ports = "mx=" + shut + ",submission=" + peer.port();
            Result result = check("self.example", "--dns", zone.address(), "--port", ports);
            assertWrong(result, "self.example:" + shut + ": the connection is refused");
            assertThat(result.out()).contains("MX         0 self.example").doesNotContain("no MX");
            assertThat(check("self.example", "--dns", zone.address(), "--port", ports, "--json")
                            .out())
                    .contains("\"mx\":\"hosts\"");
        }
    }

    @Test
    void aDomainWithoutMxMayTakeNoMail() throws Exception {
        TestCertificate own = TestCertificate.selfSigned("bare.example");
        own.writePem(scratch.resolve("own.pem"), scratch.resolve("own-key.pem"));
        try (ScriptedPeer peer = submission(own).start();
                Zone zone = new Zone("bare.example A 127.0.0.1")) {
            int shut = EhloProcess.freePort();
            Result result = check(
                    "bare.example",
                    "--dns",
                    zone.address(),
                    "--port",
                    "mx=" + shut + ",submission=" + peer.port(),
                    "--ca",
                    scratch.resolve("own.pem").toString());
            assertGood(result);
            assertThat(result.out()).contains("no MX      its own host");
            assertThat(result.sentences("ADVICE"))
                    .singleElement()
                    .asString()
                    .startsWith("bare.example:" + shut + ": mail to addresses at bare.example would come to this port");
        }
    }

    @Test
    void whatDnsDoesNotSayIsNotTakenForNone() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                Zone zone = new Zone(
                        "f.example MX 10 mx1.f.example.",
                        "f.example MX 20 mx2.f.example.",
                        "mx1.f.example A 127.0.0.1",
                        "mx2.f.example SERVFAIL",
                        "_mta-sts.f.example SERVFAIL",
                        "_smtp._tls.f.example SERVFAIL",
                        "_submissions._tcp.f.example SERVFAIL",
                        "_submission._tcp.f.example SRV 0 0 1 users.f.example.",
                        "users.f.example SERVFAIL")) {
            Result result = domain(peer, "f.example", zone);
            assertWrong(result, "mx2.f.example, users.f.example: DNS does not say its addresses; see whether");
            assertThat(result.sentences("ADVICE"))
                    .contains("f.example: DNS does not say whether it has records at _mta-sts and _smtp._tls and "
                            + "_submissions._tcp; have its name servers answer for them, if only that there are none.");
            assertThat(result.out()).contains("MX         10 mx1.f.example", "20 mx2.f.example  not known");
            assertWrong(
                    check("users.f.example:587", "--dns", zone.address()),
                    "users.f.example: DNS does not say its addresses");
        }
    }

    @Test
    void certificatesOfPort25AreNobodyElses() throws Exception {
        String wrong = "_25._tcp.mx.example.org TLSA " + tlsa(TestCertificate.selfSigned("x.example"));
        try (ScriptedPeer peer = submission(GOOD).start();
                Zone zone = new Zone("mx.example.org MX 10 elsewhere.example.", "mx.example.org A 127.0.0.1", wrong)) {
            String place = "mx.example.org:" + peer.port();
            GOOD.writePem(scratch.resolve("ca.pem"), scratch.resolve("key.pem"));
            String[] users = options(place, "submission=" + peer.port(), zone, "--user", "user:secret");
            Result result = check(users);
            assertGood(result);
            assertThat(result.out()).contains("logged in").doesNotContain("TLSA");
            assertWrong(check(options(place, "mx=" + peer.port(), zone)), place + ": DANE refuses the certificate");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "own.example, off, true",
        "other.example, off, false",
        "other.example, trust, false",
        "srv.example, off, false",
        "srv.example, trust, true"
    })
    void passwordsAreForHostsOfTheDomainAndThoseThatProvenSrvRecordsName(String domain, String dane, boolean isTried)
            throws Exception {
        TestCertificate mail = TestCertificate.selfSigned("mail.own.example");
        mail.writePem(scratch.resolve("mail.pem"), scratch.resolve("mail-key.pem"));
        try (ScriptedPeer peer = submission(mail).start();
                ScriptedPeer mx = ScriptedPeer.accepting();
                Zone zone = new Zone(
                        "own.example MX 10 mail.own.example.",
                        "other.example MX 10 mail.own.example.",
                        "srv.example MX 10 mx.srv.example.",
                        "mx.srv.example A 127.0.0.1",
                        "_submission._tcp.srv.example SRV 0 0 " + peer.port() + " mail.own.example.",
                        "mail.own.example A 127.0.0.1")) {
            Result result = check(
                    domain,
                    "--dns",
                    zone.address(),
                    "--dane",
                    dane,
                    "--port",
                    "mx=" + mx.port() + ",submission=" + peer.port(),
                    "--user",
                    "user:secret",
                    "--ca",
                    scratch.resolve("mail.pem").toString());
            if (isTried) {
                assertGood(result);
            } else {
                assertWrong(result, "the login was not tried: DNS alone names mail.own.example, and no signature");
            }
            assertThat(peer.commands().stream().filter(each -> each.startsWith("AUTH")))
                    .hasSize(isTried ? 1 : 0);
        }
    }

    @Test
    void portsThatAreNamedHaveToBeThere() throws Exception {
        try (Zone zone = new Zone("own.example MX 10 mail.own.example.", "mail.own.example A 127.0.0.1")) {
            int shut = EhloProcess.freePort();
            assertWrong(
                    check("own.example", "--dns", zone.address(), "--port", "submission=" + shut, "--user", "a:b"),
                    "mail.own.example:" + shut + ": the connection is refused",
                    "own.example: no login was tried");
        }
    }

    private String[] options(String place, String port, Zone zone, String... more) {
        List<String> all = new ArrayList<>(List.of(place, "--port", port, "--dns", zone.address(), "--dane", "trust"));
        all.addAll(List.of("--ca", scratch.resolve("ca.pem").toString()));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }
}

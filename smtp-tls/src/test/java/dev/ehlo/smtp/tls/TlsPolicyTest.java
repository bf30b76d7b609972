package dev.ehlo.smtp.tls;

import static dev.ehlo.smtp.tls.Issued.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Chains, each judged by each policy. */
class TlsPolicyTest {
    private static final String HOST = "mx.example.org";
    private static final Issued ROOT = Issued.root("Root").selfSigned();
    private static final Issued BETWEEN = Issued.root("Between").by(ROOT);
    private static final Issued GOOD = Issued.server(HOST).by(BETWEEN);
    private static final Issued STRANGER = Issued.root("Stranger").selfSigned();
    private static final Issued RSA_ROOT =
            Issued.root("Root of old").key("RSA", 2048).selfSigned();

    @TempDir
    private static Path directory;

    private static ClientTrust trust;

    @BeforeAll
    static void trustRoots() throws Exception {
        Path both = java.nio.file.Files.writeString(
                directory.resolve("roots.pem"),
                java.nio.file.Files.readString(ROOT.writeChain(directory))
                        + java.nio.file.Files.readString(RSA_ROOT.writeChain(directory)));
        trust = ClientTrust.pem(both);
    }

    /** What is shown, and what is wrong with it; nothing wrong: -. */
    static Stream<Arguments> chains() {
        return Stream.of(
                row("by an intermediate", GOOD.chain(), "-"),
                row("with its root", GOOD.withRoot(), "-"),
                row(
                        "in disorder",
                        reversedBehindOwn(
                                Issued.server(HOST).by(Issued.root("Lower").by(BETWEEN))),
                        "-"),
                row("among other names", of(Issued.server("a.example.org", HOST)), "-"),
                row("in capitals", of(Issued.server("MX.Example.ORG")), "-"),
                row("by a wildcard", of(Issued.server("*.example.org")), "-"),
                row("of RSA", of(Issued.server(HOST).key("RSA", 2048)), "-"),
                row("of a root of RSA", Issued.server(HOST).by(RSA_ROOT).chain(), "-"),
                row(
                        "RSA of 1024 bits, which the JDK takes",
                        of(Issued.server(HOST).key("RSA", 1024)),
                        "-"),
                row(
                        "SHA-1 under a root of one's own, which the JDK takes",
                        of(Issued.server(HOST).digest("SHA1")),
                        "-"),
                row("for servers", of(Issued.server(HOST).purpose(KeyPurposeId.id_kp_serverAuth)), "-"),
                row("nothing", List.of(), "the server shows no certificate"),
                row(
                        "expired",
                        of(Issued.server(HOST).until("2026-06-15T11:59:59Z")),
                        "the certificate is expired since 2026-06-15T11:59:59Z"),
                row(
                        "too early",
                        of(Issued.server(HOST).from("2026-06-15T12:00:01Z")),
                        "the certificate is not valid before 2026-06-15T12:00:01Z"),
                row(
                        "of an issuer that expired",
                        Issued.server(HOST)
                                .by(Issued.root("Old")
                                        .until("2026-06-01T00:00:00Z")
                                        .by(ROOT))
                                .chain(),
                        "the issuer's certificate Old is expired since 2026-06-01T00:00:00Z"),
                row(
                        "of another",
                        of(Issued.server("other.example")),
                        "the certificate is issued for other.example, not for mx.example.org"),
                row(
                        "of many others",
                        of(Issued.server("a.example", "b.example", "192.0.2.1", "c.example", "d.example")),
                        "the certificate is issued for a.example, b.example, 192.0.2.1 and 2 more, not for"
                                + " mx.example.org"),
                row(
                        "by a common name alone",
                        of(Issued.server().commonName(HOST)),
                        "the certificate is issued for no host (but commonly named mx.example.org), not for"
                                + " mx.example.org"),
                row(
                        "of nobody",
                        of(Issued.server().commonName("")),
                        "the certificate is issued for no host, not for mx.example.org"),
                row(
                        "by a wildcard of two labels",
                        of(Issued.server("*.org")),
                        "the certificate is issued for *.org, not for mx.example.org"),
                row(
                        "by a wildcard in a label",
                        of(Issued.server("m*.example.org")),
                        "the certificate is issued for m*.example.org, not for mx.example.org"),
                row(
                        "self-signed",
                        List.of(Issued.server(HOST).selfSigned().certificate()),
                        "the certificate is self-signed"),
                row(
                        "of a stranger",
                        Issued.server(HOST).by(STRANGER).chain(),
                        "the certificate is of an unknown issuer: Stranger"),
                row(
                        "of a stranger's with root",
                        Issued.server(HOST).by(STRANGER).withRoot(),
                        "the certificate is of an unknown issuer: Stranger"),
                row(
                        "without its intermediate",
                        GOOD.chain().subList(0, 1),
                        "the certificate is of an unknown issuer: Between"),
                row(
                        "for clients",
                        of(Issued.server(HOST).purpose(KeyPurposeId.id_kp_clientAuth)),
                        "the certificate is not for servers"),
                row(
                        "signed with MD5",
                        Issued.server(HOST).digest("MD5").by(RSA_ROOT).chain(),
                        "a signature or a key is too weak: MD5withRSA, EC of 256 bits"),
                row(
                        "RSA of 768 bits",
                        of(Issued.server(HOST).key("RSA", 768)),
                        "a signature or a key is too weak: SHA256withECDSA, RSA of 768 bits"),
                row(
                        "by a certificate that is no issuer's",
                        Issued.server(HOST)
                                .by(Issued.server("b.example").by(ROOT))
                                .chain(),
                        "the chain of the certificate is not valid: basic constraints check failed: this is not a CA"
                                + " certificate"),
                row(
                        "by one that calls himself the root",
                        Issued.server(HOST).by(Issued.root("Root").selfSigned()).chain(),
                        "the signature on the certificate is not by its issuer Root"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void verifiedTakesWhatATrustedIssuerSaysOfTheHost(String what, List<X509Certificate> chain, String fault) {
        TlsVerdict verdict = TlsPolicy.verified(trust).judge(chain, HOST, NOW);
        if (fault.equals("-")) {
            String issuer = chain.get(0).getIssuerX500Principal().getName().substring("CN=".length());
            assertThat(verdict)
                    .isEqualTo(new TlsVerdict(true, true, "the certificate is issued for mx.example.org by " + issuer));
        } else {
            assertThat(verdict).isEqualTo(new TlsVerdict(false, false, fault, Optional.of(kind(fault))));
        }
    }

    /** As a postmaster would sort them. */
    private static CertificateFault kind(String fault) {
        if (fault.contains("expired")) {
            return CertificateFault.EXPIRED;
        }
        if (fault.startsWith("the certificate is issued for")) {
            return CertificateFault.OTHER_NAME;
        }
        return fault.matches(".*(self-signed|unknown issuer|not by its issuer).*")
                ? CertificateFault.NOT_TRUSTED
                : CertificateFault.OTHER;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void mtaStsTakesTheSameOfAHostThatThePolicyNames(String what, List<X509Certificate> chain, String fault) {
        assertThat(TlsPolicy.mtaSts(List.of("mx2.example.org", "*.example.org"), trust)
                        .judge(chain, HOST, NOW))
                .isEqualTo(TlsPolicy.verified(trust).judge(chain, HOST, NOW))
                .isEqualTo(TlsPolicy.verifiedIfOffered(trust).judge(chain, HOST, NOW));
        assertThat(TlsPolicy.mtaSts(List.of("mx2.example.org"), trust)
                        .judge(chain, HOST, NOW)
                        .accepted())
                .isFalse();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void opportunisticAndRequiredTakeAnythingAndSayWhatItIs(String what, List<X509Certificate> chain, String fault) {
        for (TlsPolicy policy : List.of(
                TlsPolicy.opportunistic(), TlsPolicy.required(), TlsPolicy.verifiedIfOffered(ClientTrust.insecure()))) {
            TlsVerdict verdict = policy.judge(chain, HOST, NOW);
            assertThat(verdict.accepted()).isTrue();
            assertThat(verdict.authenticated()).isFalse(); // the system trusts none of these roots
            assertThat(verdict.reason()).startsWith("encrypted; the ");
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("chains")
    void daneTakesWhatTheRecordOfTheServersOwnKeySays(String what, List<X509Certificate> chain, String fault)
            throws Exception {
        X509Certificate any = chain.isEmpty() ? GOOD.certificate() : chain.get(0);
        TlsPolicy policy = TlsPolicy.dane(List.of(DanePolicyTest.record(TlsaRecord.DANE_EE, 1, 1, any)));
        assertThat(policy.judge(chain, HOST, NOW).authenticated()).isEqualTo(!chain.isEmpty());
        TlsPolicy other =
                TlsPolicy.dane(List.of(DanePolicyTest.record(TlsaRecord.DANE_EE, 1, 1, STRANGER.certificate())));
        assertThat(other.judge(chain, HOST, NOW).accepted()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        // what the certificate names, what it is looked at for, whether that is the same
        "mx.example.org,MX.EXAMPLE.ORG.,true",
        "mx.example.org,mx.example.org.example,false",
        "*.example.org,example.org,false",
        "*.example.org,a.b.example.org,false",
        "*.example.org,xn--bcher-kva.example.org,true",
        "xn--bcher-kva.example,XN--BCHER-KVA.example,true",
        "xn--bcher-kva.example,b\u00fccher.example,false",
        "fass.example,fa\u00df.example,false",
        "kelvin.example,\u212aelvin.example,false",
        "*.example.org,mx\u3002example.org,false",
        "a.*.example.org,a.b.example.org,false",
        "*.*.example.org,a.b.example.org,false",
        "*a.example.org,aa.example.org,false",
        "*,localhost,false",
        "*.,localhost,false",
        "*.example,mx.example,false",
        "localhost,localhost,true",
        "under_score.example.org,under_score.example.org,true",
        "192.0.2.1,192.0.2.1,true",
        "192.0.2.1,192.0.2.2,false",
        "2001:db8::1,2001:DB8:0:0::1,true",
        "2001:db8::1,2001:db8::2,false",
        "192.0.2.1,999.0.2.1,false",
        "*.2.1,192.0.2.1,false"
    })
    void comparesNames(String issuedFor, String host, boolean same) {
        List<X509Certificate> chain = of(Issued.server(issuedFor));
        assertThat(TlsPolicy.verified(trust).judge(chain, host, NOW).accepted()).isEqualTo(same);
    }

    @Test
    void takesNoAddressForAName() {
        // An address among the dNSNames, as some issuers had it once.
        List<X509Certificate> chain = of(Issued.server().commonName("192.0.2.1"));
        assertThat(TlsPolicy.verified(trust).judge(chain, "192.0.2.1", NOW).accepted())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "mx.example.org,mx.example.org,true",
        "mx.example.org,MX.example.org.,true",
        "*.example.org,mx.example.org,true",
        "*.example.org,example.org,false",
        "*.example.org,a.mx.example.org,false",
        "*,mx.example.org,false",
        "mx.*.org,mx.example.org,false",
        ".example.org,mx.example.org,false",
        "'',mx.example.org,false",
        "192.0.2.1,192.0.2.1,false"
    })
    void comparesPatternsOfMtaSts(String pattern, String host, boolean same) {
        List<X509Certificate> chain = of(Issued.server(host.endsWith(".") ? "mx.example.org" : host));
        TlsVerdict verdict = TlsPolicy.mtaSts(List.of(pattern), trust).judge(chain, host, NOW);
        assertThat(verdict.accepted()).isEqualTo(same);
        if (!same) {
            assertThat(verdict.reason()).isEqualTo(host + " is no host of the MTA-STS policy");
            assertThat(verdict.fault()).contains(CertificateFault.NOT_OF_POLICY);
        }
    }

    @Test
    void takesACertificateThatIsTrustedItselfAsLongAsItIsValid() throws Exception {
        Issued pinned = Issued.server(HOST).selfSigned();
        TlsPolicy policy = TlsPolicy.verified(pinned.trusted(directory));
        assertThat(policy.judge(pinned.chain(), HOST, NOW).authenticated()).isTrue();
        assertThat(policy.judge(pinned.chain(), HOST, NOW.plusSeconds(31 * 86_400))
                        .reason())
                .contains("expired since");
        assertThat(policy.judge(pinned.chain(), "other.example", NOW).reason()).contains("issued for mx.example.org");
    }

    @Test
    void judgesBySystemsRootsWhatIsOpportunistic() {
        X509Certificate root = Stream.of(ClientTrust.system().managers())
                .map(m -> ((javax.net.ssl.X509TrustManager) m).getAcceptedIssuers())
                .flatMap(Stream::of)
                .findFirst()
                .orElseThrow();
        TlsVerdict verdict = TlsPolicy.opportunistic()
                .judge(List.of(root), HOST, root.getNotBefore().toInstant());
        assertThat(verdict.reason())
                .startsWith("encrypted; the certificate is ")
                .doesNotContain("unknown");
    }

    @Test
    void escapesAndCutsWhatACertificateSays() {
        String hostile = "x\r\n250 ok\u001b[2J" + "y".repeat(1000);
        Issued stranger = Issued.root(hostile).selfSigned();
        for (List<X509Certificate> chain : List.of(
                Issued.server(HOST).by(stranger).chain(),
                of(Issued.server().commonName(hostile)),
                of(Issued.server("y".repeat(60) + "." + "y".repeat(500))))) {
            String reason = TlsPolicy.verified(trust).judge(chain, HOST, NOW).reason();
            assertThat(reason).hasSizeLessThan(300).matches("[ -~]+");
        }
    }

    @Test
    void looksAtSoManyCertificatesAndNoMore() {
        List<X509Certificate> chain = new java.util.ArrayList<>(Collections.nCopies(10_000, STRANGER.certificate()));
        chain.set(0, GOOD.certificate());
        chain.set(9_999, BETWEEN.certificate());
        assertThat(TlsPolicy.verified(trust).judge(chain, HOST, NOW).reason()).contains("unknown issuer");
    }

    @Test
    void saysWhetherTlsIsWantedAndRequired() {
        List<TlsPolicy> required = List.of(
                TlsPolicy.required(),
                TlsPolicy.verified(trust),
                TlsPolicy.mtaSts(List.of(), trust),
                TlsPolicy.dane(List.of(TlsaRecord.of(new byte[0]))));
        assertThat(required).allMatch(p -> p.isTlsWanted() && p.isTlsRequired());
        assertThat(TlsPolicy.opportunistic().isTlsWanted()).isTrue();
        assertThat(TlsPolicy.opportunistic().isTlsRequired()).isFalse();
        assertThat(TlsPolicy.opportunistic().isTlsGivenUp()).isTrue();
        TlsPolicy ifOffered = TlsPolicy.verifiedIfOffered(trust);
        assertThat(ifOffered.isTlsWanted()).isTrue();
        assertThat(ifOffered.isTlsRequired() || ifOffered.isTlsGivenUp()).isFalse();
        assertThat(TlsPolicy.none().isTlsWanted()).isFalse();
        assertThat(TlsPolicy.none().isTlsRequired()).isFalse();
        assertThat(TlsPolicy.none().judge(List.of(), HOST, NOW).accepted()).isTrue();
        assertThat(TlsPolicy.verified(ClientTrust.insecure())).isSameAs(TlsPolicy.required());
    }

    @Test
    void refusesAPolicyThatIsNone() {
        assertThatThrownBy(() -> TlsPolicy.dane(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsPolicy.mtaSts(List.of(HOST), ClientTrust.insecure()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsPolicy.mtaSts(Collections.nCopies(1001, HOST), trust))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TlsVerdict(false, true, "no")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isTheSameAtTheLastMomentAndNotAfter() {
        Issued short_ = Issued.server(HOST).until("2026-06-15T13:00:00Z").by(ROOT);
        TlsPolicy policy = TlsPolicy.verified(trust);
        assertThat(policy.judge(short_.chain(), HOST, Instant.parse("2026-06-15T13:00:00Z"))
                        .accepted())
                .isTrue();
        assertThat(policy.judge(short_.chain(), HOST, Instant.parse("2026-06-15T13:00:01Z"))
                        .accepted())
                .isFalse();
    }

    private static Arguments row(String what, List<X509Certificate> chain, String fault) {
        return Arguments.of(what, chain, fault);
    }

    private static List<X509Certificate> of(Issued.Builder server) {
        return server.by(ROOT).chain();
    }

    private static List<X509Certificate> reversedBehindOwn(Issued issued) {
        List<X509Certificate> chain = new java.util.ArrayList<>(issued.withRoot());
        Collections.reverse(chain.subList(1, chain.size()));
        return chain;
    }
}

package dev.ehlo.smtp.tls;

import static dev.ehlo.smtp.tls.Issued.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCases;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TLSA records against chains. RFC 7671, RFC 7672. */
class DanePolicyTest {
    private static final String HOST = "mx.example.org";
    private static final Issued ROOT = Issued.root("Root").selfSigned();
    private static final Issued BETWEEN = Issued.root("Between").by(ROOT);
    private static final Issued SERVER = Issued.server(HOST).by(BETWEEN);
    private static final Issued STRANGER = Issued.server(HOST).selfSigned();
    /** Nothing in it is as it should be but the key. */
    private static final Issued BARE =
            Issued.server("other.example").until("2026-06-01T00:00:00Z").selfSigned();

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void anOwnRecordTakesItsCertificateWhateverItSays(int selector, int matching) throws Exception {
        TlsPolicy policy = TlsPolicy.dane(List.of(record(3, selector, matching, BARE.certificate())));
        TlsVerdict verdict = policy.judge(BARE.chain(), HOST, NOW);
        assertThat(verdict.authenticated()).isTrue();
        assertThat(verdict.reason()).startsWith("the certificate is that of TLSA 3 " + selector + " " + matching + " ");
        TlsVerdict refused = policy.judge(STRANGER.chain(), HOST, NOW);
        assertThat(refused.accepted()).isFalse();
        assertThat(refused.fault()).contains(CertificateFault.NOT_OF_RECORD);
        assertThat(refused.reason())
                .startsWith("the certificate is that of no TLSA record: 3 " + selector + " " + matching + " ");
        // The certificate of the record stands second, behind one that is shown by who has its key.
        assertThat(policy.judge(List.of(STRANGER.certificate(), BARE.certificate()), HOST, NOW)
                        .accepted())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void anIssuersRecordTakesWhatItIssuedForTheHost(int selector, int matching) throws Exception {
        for (Issued issuer : List.of(ROOT, BETWEEN)) {
            TlsPolicy policy = TlsPolicy.dane(List.of(record(2, selector, matching, issuer.certificate())));
            TlsVerdict verdict = policy.judge(SERVER.withRoot(), HOST, NOW);
            assertThat(verdict.authenticated()).isTrue();
            assertThat(verdict.reason())
                    .startsWith("the certificate is issued by that of TLSA 2 " + selector + " " + matching + " ");
            assertThat(policy.judge(STRANGER.chain(), HOST, NOW).accepted()).isFalse();
            // An issuer that is shown, and has issued nothing of it.
            assertThat(policy.judge(List.of(STRANGER.certificate(), issuer.certificate()), HOST, NOW)
                            .accepted())
                    .isFalse();
            assertThat(policy.judge(SERVER.withRoot(), "other.example", NOW).reason())
                    .isEqualTo("the certificate is issued for mx.example.org, not for other.example");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,0,true", "0,1,false", "0,2,false", "1,0,true", "1,1,false", "1,2,false"})
    void anIssuerThatIsNotShownHasToStandInTheRecord(int selector, int matching, boolean found) throws Exception {
        TlsPolicy policy = TlsPolicy.dane(List.of(record(2, selector, matching, ROOT.certificate())));
        assertThat(policy.judge(SERVER.chain(), HOST, NOW).authenticated()).isEqualTo(found);
    }

    @Test
    void anIssuersRecordDoesNotTakeTheServersOwnCertificate() throws Exception {
        for (int matching = 0; matching <= 2; matching++) {
            TlsPolicy policy = TlsPolicy.dane(List.of(record(2, 0, matching, STRANGER.certificate())));
            assertThat(policy.judge(STRANGER.chain(), HOST, NOW).accepted()).isFalse();
        }
    }

    @Test
    void underAnIssuerTheDatesAndThePurposeCount() throws Exception {
        TlsPolicy policy = TlsPolicy.dane(List.of(record(2, 0, 1, ROOT.certificate())));
        Issued expired = Issued.server(HOST).until("2026-06-01T00:00:00Z").by(ROOT);
        assertThat(policy.judge(expired.withRoot(), HOST, NOW).reason())
                .isEqualTo("the certificate is expired since 2026-06-01T00:00:00Z");
        Issued old = Issued.server(HOST)
                .by(Issued.root("Old").until("2026-06-01T00:00:00Z").by(ROOT));
        assertThat(policy.judge(old.withRoot(), HOST, NOW).reason())
                .isEqualTo("the issuer's certificate Old is expired since 2026-06-01T00:00:00Z");
        Issued client = Issued.server(HOST)
                .purpose(org.bouncycastle.asn1.x509.KeyPurposeId.id_kp_clientAuth)
                .by(ROOT);
        assertThat(policy.judge(client.withRoot(), HOST, NOW).reason()).isEqualTo("the certificate is not for servers");
        Issued noIssuer = Issued.server(HOST).by(Issued.server("b.example").by(ROOT));
        assertThat(policy.judge(noIssuer.withRoot(), HOST, NOW).accepted()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "0,2", "1,0", "1,1", "1,2"})
    void theDatesOfTheIssuerThatARecordStandsForCount(int selector, int matching) throws Exception {
        Issued root = Issued.root("Old").until("2026-06-01T00:00:00Z").selfSigned();
        Issued server = Issued.server(HOST).by(root);
        TlsPolicy policy = TlsPolicy.dane(List.of(record(2, selector, matching, root.certificate())));
        assertThat(policy.judge(server.withRoot(), HOST, NOW).reason())
                .isEqualTo("the issuer's certificate Old is expired since 2026-06-01T00:00:00Z");
        assertThat(policy.judge(server.withRoot(), HOST, Instant.parse("2026-06-01T00:00:00Z"))
                        .authenticated())
                .isTrue();
        if (selector == 0 && matching == 0) {
            assertThat(policy.judge(server.chain(), HOST, NOW).reason())
                    .as("and where it stands in the record alone")
                    .isEqualTo("the issuer's certificate Old is expired since 2026-06-01T00:00:00Z");
        }
    }

    @Test
    void underAnIssuerTheNameIsThatOfTheHostOrOfTheDomain() throws Exception {
        List<TlsaRecord> records = List.of(record(2, 0, 1, ROOT.certificate()));
        Issued ofDomain = Issued.server("example.net").by(ROOT);
        assertThat(TlsPolicy.dane(records).judge(ofDomain.withRoot(), HOST, NOW).accepted())
                .isFalse();
        assertThat(TlsPolicy.dane(records, List.of("alias.example", "example.net"))
                        .judge(ofDomain.withRoot(), HOST, NOW)
                        .authenticated())
                .isTrue();
        Issued wild = Issued.server("*.example.org").by(ROOT);
        assertThat(TlsPolicy.dane(records).judge(wild.withRoot(), HOST, NOW).accepted())
                .isTrue();
    }

    @Test
    void underAnIssuerTheCommonNameCountsWhereNoOtherIsGiven() throws Exception {
        TlsPolicy policy = TlsPolicy.dane(List.of(record(2, 0, 1, ROOT.certificate())));
        Issued common = Issued.server().commonName(HOST).by(ROOT);
        assertThat(policy.judge(common.withRoot(), HOST, NOW).authenticated()).isTrue();
        Issued both = Issued.server("other.example").commonName(HOST).by(ROOT);
        assertThat(policy.judge(both.withRoot(), HOST, NOW).accepted()).isFalse();
    }

    @Test
    void oneOfSeveralRecordsIsEnough() throws Exception {
        TlsPolicy policy = TlsPolicy.dane(List.of(
                record(3, 1, 1, STRANGER.certificate()),
                record(2, 0, 1, STRANGER.certificate()),
                record(2, 0, 1, ROOT.certificate()),
                TlsaRecord.of(new byte[] {9, 9, 9, 9})));
        assertThat(policy.judge(SERVER.withRoot(), HOST, NOW).authenticated()).isTrue();
        assertThat(policy.judge(STRANGER.chain(), HOST, NOW).authenticated()).isTrue();
        assertThat(policy.judge(BARE.chain(), HOST, NOW).accepted()).isFalse();
        assertThat(policy.toString()).isEqualTo("DANE with 3 usable TLSA records");
    }

    @Test
    void aWeakerDigestDoesNotCountBesideAStrongerOne() throws Exception {
        TlsaRecord weak = record(3, 1, 1, SERVER.certificate());
        TlsaRecord strongOfAnother = record(3, 1, 2, STRANGER.certificate());
        assertThat(TlsPolicy.dane(List.of(weak, strongOfAnother))
                        .judge(SERVER.chain(), HOST, NOW)
                        .accepted())
                .isFalse();
        // Only where it is about the same: not for another selector, not for another usage, not if it is malformed.
        for (TlsaRecord other : List.of(
                record(3, 0, 2, STRANGER.certificate()),
                record(2, 1, 2, STRANGER.certificate()),
                TlsaRecord.of(3, 1, 2, new byte[63]),
                record(3, 1, 0, STRANGER.certificate()))) {
            assertThat(TlsPolicy.dane(List.of(weak, other))
                            .judge(SERVER.chain(), HOST, NOW)
                            .authenticated())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "''",
        "03",
        "0301",
        "030101",
        "03010100",
        "030102ff",
        "030100ff",
        "030000ff",
        "020000ff",
        "020100",
        "0301030000",
        "ff0101e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "0002010000",
        "000001e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "010101e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "030201e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    })
    void whatIsNotUsableAsksForTlsWithWhoeverAnswers(String hex) {
        TlsaRecord record = TlsaRecord.of(java.util.HexFormat.of().parseHex(hex));
        assertThat(record.isUsable()).isFalse();
        assertThat(record.toString()).isNotEmpty();
        TlsPolicy policy = TlsPolicy.dane(List.of(record, record));
        assertThat(policy.isTlsRequired()).isTrue();
        assertThat(policy.judge(STRANGER.chain(), HOST, NOW))
                .isEqualTo(new TlsVerdict(true, false, "encrypted; none of the TLSA records is usable"));
    }

    @Test
    void aRecordForThePkiDoesNotCountEvenWhereItMatches() throws Exception {
        for (int usage = 0; usage <= 1; usage++) {
            TlsaRecord pki = record(usage, 1, 1, SERVER.certificate());
            TlsPolicy beside = TlsPolicy.dane(List.of(pki, record(3, 1, 1, STRANGER.certificate())));
            assertThat(beside.judge(SERVER.withRoot(), HOST, NOW).accepted()).isFalse();
        }
    }

    @Test
    void aRecordIsAValueOfItsOctets() throws Exception {
        byte[] data = new byte[32];
        TlsaRecord record = TlsaRecord.of(3, 1, 1, data);
        byte[] rdata = new byte[35];
        rdata[0] = 3;
        rdata[1] = 1;
        rdata[2] = 1;
        TlsaRecord same = TlsaRecord.of(rdata);
        data[0] = 1;
        rdata[5] = 1;
        assertThat(record).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(TlsaRecord.of(rdata));
        assertThat(record).hasToString("3 1 1 " + "00".repeat(32));
        assertThat(TlsaRecord.of(3, 0, 0, new byte[1000])).hasToString("3 0 0 " + "00".repeat(64) + "...");
        assertThatThrownBy(() -> TlsaRecord.of(256, 1, 1, data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsaRecord.of(3, -1, 1, data)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TlsaRecord.of(new byte[65_536])).isInstanceOf(IllegalArgumentException.class);
    }

    @Property(tries = 300)
    void neverThrowsOnWhateverDnsSaysAndWhateverNames(
            @ForAll("records") List<TlsaRecord> records, @ForAll String host, @ForAll String other) {
        for (Issued issued : List.of(SERVER, STRANGER, BARE)) {
            for (TlsPolicy policy : List.of(
                    TlsPolicy.dane(records, List.of(other)),
                    TlsPolicy.opportunistic(),
                    TlsPolicy.mtaSts(List.of(other, host), ClientTrust.system()))) {
                TlsVerdict verdict = policy.judge(issued.withRoot(), host, NOW);
                assertThat(verdict.reason()).matches("[ -~]+");
            }
        }
    }

    @Property(tries = 300)
    void aMatchingOwnRecordIsTakenWhateverStandsBesideIt(@ForAll("records") List<TlsaRecord> records) throws Exception {
        List<TlsaRecord> more = new java.util.ArrayList<>(records);
        more.add(0, record(3, 1, 2, BARE.certificate()));
        assertThat(TlsPolicy.dane(more).judge(BARE.chain(), HOST, NOW).authenticated())
                .isTrue();
    }

    @Property(tries = 300)
    void withoutAMatchingRecordNobodyIsAuthenticated(@ForAll("records") List<TlsaRecord> records) {
        Issued fresh = STRANGER;
        TlsVerdict verdict = TlsPolicy.dane(records).judge(fresh.chain(), HOST, NOW);
        assertThat(verdict.authenticated()).isFalse();
        assertThat(verdict.accepted()).isEqualTo(records.stream().noneMatch(TlsaRecord::isUsable));
    }

    @Provide
    Arbitrary<List<TlsaRecord>> records() {
        Arbitrary<byte[]> junk = Arbitraries.bytes().array(byte[].class).ofMaxSize(70);
        Arbitrary<TlsaRecord> wild = junk.map(TlsaRecord::of);
        Arbitrary<TlsaRecord> likely = Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.of(SERVER, BETWEEN, ROOT))
                .as((usage, selector, matching, of) -> record(usage, selector, matching, of.certificate()));
        Arbitrary<TlsaRecord> sized = Combinators.combine(
                        Arbitraries.integers().between(2, 3),
                        Arbitraries.integers().between(0, 1),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.of(1, 31, 32, 33, 63, 64, 65, 300))
                .as((usage, selector, matching, size) -> TlsaRecord.of(usage, selector, matching, new byte[size]));
        return Arbitraries.oneOf(wild, likely, sized)
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .edgeCases(EdgeCases.Config::none); // of all together there are more than tries
    }

    /** The record that stands for that certificate; of kinds that nobody knows, with its octets as they are. */
    static TlsaRecord record(int usage, int selector, int matching, X509Certificate certificate) {
        try {
            byte[] selected = selector == 1 ? certificate.getPublicKey().getEncoded() : certificate.getEncoded();
            byte[] data = switch (matching) {
                case 1 -> MessageDigest.getInstance("SHA-256").digest(selected);
                case 2 -> MessageDigest.getInstance("SHA-512").digest(selected);
                default -> selected;
            };
            return TlsaRecord.of(usage, selector, matching, data);
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}

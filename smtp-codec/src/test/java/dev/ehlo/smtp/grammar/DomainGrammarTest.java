package dev.ehlo.smtp.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.IDN;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class DomainGrammarTest {
    /** Samples of RFC 3492 §7.1 that are U-labels, and others, with what they are in Punycode. */
    private static final String[][] SAMPLES = {
        {"他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"},
        {"他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"},
        {"למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"},
        {"なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"},
        {"почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"},
        {"porquénopuedensimplementehablarenespañol", "porqunopuedensimplementehablarenespaol-fmd56a"},
        {"tạisaohọkhôngthểchỉnóitiếngviệt", "tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g"},
        {"3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"},
        {"hello-another-way-それぞれの場所", "hello-another-way--fc4qua05auwb3674vfr0b"},
        {"ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"},
        {"パフィーdeルンバ", "de-jg4avhby1noc0d"},
        {"そのスピードで", "d9juau41awczczp"},
        {"bücher", "bcher-kva"},
        {"faß", "fa-hia"},
        {"βόλος", "nxasmm1c"},
        {"ü", "tda"},
    };

    private static final Arbitrary<String> LABEL = Arbitraries.of(
                    "a",
                    "-",
                    "--",
                    "xn--",
                    "XN--",
                    "bcher-kva",
                    "99999999",
                    "zzzz",
                    "a1",
                    "0",
                    "y".repeat(20),
                    "z".repeat(59),
                    "_",
                    " ",
                    "ü",
                    "É",
                    "е",
                    "е".repeat(20),
                    "爲".repeat(15),
                    "中",
                    "\u0301",
                    "\u0327",
                    "\u3099",
                    "が",
                    "か",
                    "e",
                    "\u200d",
                    "ａ",
                    "ª",
                    "\u212a",
                    "ß",
                    "·",
                    "❤",
                    "\u0640",
                    "\ud83d\udce7",
                    "\ud800\udf00",
                    "\ue000",
                    "\u00ad")
            .list()
            .ofMinSize(1)
            .ofMaxSize(5)
            .map(pieces -> String.join("", pieces));

    @Provide
    Arbitrary<String> domains() {
        Arbitrary<String> octets =
                Arbitraries.strings().withCharRange('\0', '\u00ff').ofMaxLength(3);
        return Arbitraries.frequencyOf(Tuple.of(20, LABEL.map(DomainGrammarTest::latin1)), Tuple.of(1, octets))
                .list()
                .ofMaxSize(6)
                .map(labels -> String.join(".", labels));
    }

    @Provide
    Arbitrary<String> punycodes() {
        return Arbitraries.of("abz019-AZ".split(""))
                .list()
                .ofMinSize(1)
                .ofMaxSize(61)
                .map(all -> String.join("", all));
    }

    @Provide
    Arbitrary<String> settledLabels() {
        // IDNA2003 mapped sharp s and final sigma; and letters that run from right to left have a rule of their own.
        Integer[] letters = IntStream.rangeClosed('0', 0xd7a3)
                .filter(c -> ULabel.isSettled(c) && Character.isLetterOrDigit(c) && c == Character.toLowerCase(c))
                .filter(c -> c != 0xdf && c != 0x3c2 && (c < 0x590 || c > 0x6ff))
                .boxed()
                .toArray(Integer[]::new);
        return Arbitraries.of(letters)
                .list()
                .ofMinSize(1)
                .ofMaxSize(16)
                .map(all -> all.stream().map(Character::toString).reduce("", String::concat))
                .filter(label -> !label.matches("..--.*"));
    }

    @Property(tries = 5000)
    void isADomainWhereTheReferenceSaysSo(@ForAll("domains") String octets) {
        assertThat(isDomain(octets)).isEqualTo(ReferenceDomain.isDomain(octets));
    }

    @Property(tries = 5000)
    void anALabelIsWhatDecodes(@ForAll("punycodes") String punycode) {
        assertThat(isDomain("xn--" + punycode))
                .isEqualTo(
                        !punycode.endsWith("-") && punycode.length() <= 59 && ReferenceDomain.decode(punycode) != null);
    }

    @Property(tries = 3000)
    void hasTheALabelThatTheJdkGives(@ForAll("settledLabels") String label) {
        String expected = ReferenceDomain.encode(label);
        boolean fits = expected.length() <= 59;

        assertThat(isDomain(latin1(label + ".example"))).isEqualTo(fits || label.matches("\\p{ASCII}*"));
        if (fits && !label.matches("\\p{ASCII}*")) {
            String ascii = DomainGrammar.toAscii(label + ".example");
            assertThat(ascii).isEqualTo("xn--" + expected + ".example");
            assertThat(IDN.toASCII(label, IDN.ALLOW_UNASSIGNED) + ".example").isEqualTo(ascii);
            assertThat(ReferenceDomain.decode(expected)).isEqualTo(label);
            assertThat(isDomain(ascii)).isTrue();
        }
    }

    @Example
    void encodesTheSamplesOfTheRfc() {
        for (String[] sample : SAMPLES) {
            assertThat(DomainGrammar.toAscii(sample[0])).isEqualTo("xn--" + sample[1]);
            assertThat(isDomain(latin1(sample[0]))).isTrue();
            assertThat(isDomain("xn--" + sample[1])).isTrue();
        }
    }

    @Example
    void leavesOtherThingsAsTheyAreButForCase() {
        assertThat(DomainGrammar.toAscii("Example.ORG")).isEqualTo("example.org");
        assertThat(DomainGrammar.toAscii("Bücher.Example")).isEqualTo("xn--bcher-kva.example");
        assertThat(DomainGrammar.toAscii("a.ü.XN--TDA.b")).isEqualTo("a.xn--tda.xn--tda.b");
        assertThat(DomainGrammar.toAscii("[IPv6:::1]")).isEqualTo("[ipv6:::1]");
        for (String none : new String[] {"", "Ü", "ü ", "ü..a", "ü.", "\ud800.A", "❤"}) {
            assertThat(DomainGrammar.toAscii(none)).isEqualTo(Octets.lowerAscii(none));
        }
    }

    @Example
    void countsTheOctetsOfALabelsWithAllTheirALabels() {
        // 27 letters of three octets are 81, and 59 in Punycode.
        String longest = "の".repeat(4) + "爲".repeat(23);
        int[] last = {0};
        for (int letters = 1; letters <= 60; letters++) {
            String label = "ж".repeat(letters);
            boolean fits = ReferenceDomain.encode(label).length() <= 59;
            assertThat(isDomain(latin1(label))).isEqualTo(fits);
            last[0] = fits ? letters : last[0];
        }
        assertThat(last[0]).isBetween(30, 58);
        assertThat(isDomain(latin1(longest)))
                .isEqualTo(ReferenceDomain.encode(longest).length() <= 59);

        String ascii = ("d".repeat(62) + ".").repeat(4);
        assertThat(isDomain(latin1(ascii + "ab"))).isTrue();
        // Two octets here, and seven as an A-label.
        assertThat(isDomain(latin1(("d".repeat(61) + ".").repeat(4) + "ü"))).isTrue();
        assertThat(isDomain(latin1(ascii + "ü"))).isFalse();
        assertThat(isDomain(latin1(ascii + "abcd"))).isFalse();
        assertThat(isDomain(latin1("é.".repeat(36) + "a"))).isFalse();
    }

    @Example
    void refusesWhatIsNoULabel() {
        for (String none : new String[] {
            "É",
            "a❤",
            "ａ",
            "e\u0301",
            "\u0301é",
            "か\u3099",
            "a\u00a0ü",
            "ü\u3002a",
            "ü\u200b",
            "\ud83d\udce7",
            "ü-",
            "-ü",
            "ab--ü",
            "üb--a",
            "\u212a",
            "\u0640",
            "ü\u00ad"
        }) {
            assertThat(isDomain(latin1(none))).as(Octets.printable(none)).isFalse();
        }
        for (String some :
                new String[] {"ü--a", "a--ü", "abc--ü", "e\u0325", "が", "l·l", "नि", "ａ".replace('ａ', 'ä')}) {
            assertThat(isDomain(latin1(some))).as(some).isTrue();
        }
    }

    @Example
    void looksAtEveryOctetInEveryPlace() {
        for (String domain :
                new String[] {"xn--bcher-kva.XN--P1ai", "ab--c.a-b.x", "\u00c3\u00bc.\u00e4\u00b8\u00ad-1"}) {
            for (int at = 0; at < domain.length(); at++) {
                String before = domain.substring(0, at);
                assertThat(isDomain(before)).as(before).isEqualTo(ReferenceDomain.isDomain(before));
                for (char c = 0; c < 256; c++) {
                    String octets = before + c + domain.substring(at + 1);
                    assertThat(isDomain(octets))
                            .as(Octets.printable(octets))
                            .isEqualTo(ReferenceDomain.isDomain(octets));
                }
            }
        }
    }

    @Example
    void anALabelHasCodePointsToTheLastOfUnicodeAndNoSurrogates() {
        for (int c :
                new int[] {0x80, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xffff, 0x10000, 0x10ffff, 0x110000}) {
            boolean good = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
            assertThat(isDomain("xn--" + ReferenceDomain.encode(c))).isEqualTo(good);
            assertThat(isDomain("xn--" + ReferenceDomain.encode(c, 0xfc))).isEqualTo(good);
            assertThat(isDomain("xn--" + ReferenceDomain.encode('a', c, 0xfc, c)))
                    .isEqualTo(good);
            assertThat(isDomain("xn--" + ReferenceDomain.encode('a', 'b', 0xfc, 0xfc, c)))
                    .isEqualTo(good);
        }
    }

    @Example
    void countsLettersOfAsciiAmongTheOthers() {
        for (int letters = 1; letters < 70; letters++) {
            for (String label : new String[] {"a".repeat(letters) + "\u0436", "\u0436\u4e2d" + "b".repeat(letters)}) {
                boolean fits = ReferenceDomain.encode(label).length() <= 59;
                assertThat(isDomain(latin1(label))).as(label).isEqualTo(fits);
                assertThat(DomainGrammar.toAscii(label).startsWith("xn--")).isEqualTo(fits);
            }
        }
    }

    @Example
    void countsTheOctetsOfTheWholeInEitherForm() {
        String ascii = ("d".repeat(62) + ".").repeat(4);
        assertThat(isDomain(ascii + "abc")).isTrue();
        assertThat(isDomain(ascii + "abcd")).isFalse();
        // 255 octets of UTF-8, and far fewer in ASCII.
        String wide = ("\u306e".repeat(20) + ".").repeat(4);
        assertThat(isDomain(latin1(wide + "\u306e\u306e\u306ea\u00fc"))).isFalse();
        assertThat(isDomain(latin1(wide + "\u306e\u306e\u306eaa"))).isTrue();
        assertThat(isDomain(latin1(wide + "\u306e\u306e\u306eaaa"))).isFalse();
    }

    @Example
    void knowsCodePointsOfEveryLength() {
        assertThat(isDomain(latin1("a\u0080a"))).isFalse();
        // In a plane without letters, and a letter four planes below.
        assertThat(isDomain(latin1(Character.toString(0x50428)))).isFalse();
        assertThat(isDomain(latin1(Character.toString(0x10428)))).isTrue();
        for (String label :
                new String[] {"\ud800\udf00\ud800\udf3f", "a\ud801\udc28\ud83a\udd22", "\ud869\udf00\u4e2d\u00df\uac00"
                }) {
            assertThat(DomainGrammar.toAscii(label)).isEqualTo("xn--" + ReferenceDomain.encode(label));
        }
    }

    @Example
    void refusesSumsThatOverflow() {
        for (String none : new String[] {
            "xn--99999",
            "xn--a-99999999",
            "xn--" + "9".repeat(59),
            "xn--" + "z".repeat(59),
            "xn--0",
            "xn--a-",
            "xn--",
            "xn---a",
            "xn--a-b-"
        }) {
            assertThat(isDomain(none)).as(none).isFalse();
        }
        assertThat(isDomain("xn--i-7iq.ws")).isTrue();
    }

    /** What the text of a label is not made for must be what normalization never touches. */
    @Example
    void settledCodePointsStayAsTheyAreInAnyCompany() {
        String after = "\u0301\u0308\u3099\u0345\u0653\u05bc";
        for (int c = 0x80; c <= Character.MAX_CODE_POINT; c++) {
            if (ULabel.isSettled(c)) {
                String text = Character.toString(c);
                assertThat(Normalizer.isNormalized(text, Normalizer.Form.NFKC)).isTrue();
                // It does not join with what stands before it, nor change places with a mark.
                for (String before :
                        new String[] {"a", "e", "\u3042", "\u0627", "\u1100", "\uac00", "\u03b1", "\u0438"}) {
                    assertThat(Normalizer.normalize(before + text, Normalizer.Form.NFKC))
                            .isEqualTo(before + text);
                }
                assertThat(Normalizer.normalize("a" + after.charAt(0) + text, Normalizer.Form.NFD)
                                .indexOf('\u0301'))
                        .isEqualTo(1);
            }
        }
    }

    @Example
    void takesOffTheDotOfTheRootAlone() {
        assertThat(DomainGrammar.withoutRoot("mx.example.")).isEqualTo("mx.example");
        assertThat(DomainGrammar.withoutRoot("mx.example")).isEqualTo("mx.example");
        assertThat(DomainGrammar.withoutRoot("..")).isEqualTo(".");
        assertThat(DomainGrammar.withoutRoot(".")).isEmpty();
        assertThat(DomainGrammar.withoutRoot("")).isEmpty();
    }

    private static boolean isDomain(String octets) {
        byte[] bytes = ("<" + octets + ">").getBytes(StandardCharsets.ISO_8859_1);
        boolean heap = DomainGrammar.isDomain(ByteBuffer.wrap(bytes), 1, bytes.length - 1);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        assertThat(DomainGrammar.isDomain(direct, 1, bytes.length - 1)).isEqualTo(heap);
        // Where nothing follows, to look beyond the end throws.
        ByteBuffer exact = direct.duplicate().limit(bytes.length - 1);
        assertThat(DomainGrammar.isDomain(exact, 1, bytes.length - 1)).isEqualTo(heap);
        assertThat(direct.position()).isZero();
        return heap;
    }

    private static String latin1(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}

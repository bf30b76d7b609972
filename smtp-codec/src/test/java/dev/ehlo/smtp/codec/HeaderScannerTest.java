package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class HeaderScannerTest {
    /** All that a scanner can be asked. */
    private record Header(
            long octets,
            int fields,
            long longestLine,
            boolean ended,
            boolean emptyLine,
            Map<HeaderField, Integer> counts) {}

    private static final String[] FRAGMENTS = {
        "\r\n",
        "\r\n",
        "Date: x\r\n",
        "dAtE \t:y\r\n",
        "From:",
        "From : a@b\r\n",
        "received: from x\r\n\tby y\r\n",
        "Message-ID: <x@y>\r\n",
        "Message-IDs: <x@y>\r\n",
        "Subject: a value that is longer than a word\r\n folded\r\n",
        "Sender",
        " ",
        "\t",
        ":",
        "\r",
        "\n",
        "x",
        "D\u00e4te: x\r\n",
        "X-" + "y".repeat(77),
        "X-" + "y".repeat(78) + ":",
        "x" + " ".repeat(100) + ":\r\n"
    };

    @Provide
    Arbitrary<byte[]> contents() {
        return Wire.soup(FRAGMENTS);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Property(tries = 4000)
    void findsWhatTheReferenceFindsHoweverTheContentComes(
            @ForAll("contents") byte[] content, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        Header expected = reference(Wire.latin1(content));
        HeaderScanner scanner = new HeaderScanner();

        assertThat(scan(scanner, List.of(content), direct)).isEqualTo(expected);
        scanner.reset();
        assertThat(scan(scanner, Wire.cut(content, cuts), direct)).isEqualTo(expected);
    }

    @Property(tries = 1000)
    void findsTheSameBehindEachDecoder(
            @ForAll("contents") byte[] octets, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        String content = ReferenceContent.closed(Wire.latin1(octets), "\r\n");
        Header expected = reference(content);
        HeaderScanner afterData = new HeaderScanner();
        HeaderScanner afterChunks = new HeaderScanner();
        DataDecoder data = new DataDecoder(BareNewlines.KEEP);
        ChunkDecoder chunks = new ChunkDecoder(BareNewlines.KEEP);
        byte[] wire =
                Wire.octets(ReferenceContent.encode(content, BareNewlines.KEEP).wire());

        Wire.receive(Wire.cut(wire, cuts), direct, in -> data.decode(in, afterData::scan));
        assertThat(header(afterData)).isEqualTo(expected);
        for (byte[] chunk : Wire.cut(Wire.octets(content), cuts)) {
            chunks.begin(chunk.length, false);
            Wire.receive(List.of(chunk), direct, in -> chunks.decode(in, afterChunks::scan));
        }
        assertThat(header(afterChunks)).isEqualTo(expected);
    }

    /** A field, and where it begins. */
    private record Begun(HeaderField field, long start) {}

    @Property(tries = 2000)
    void tellsWhereEachFieldBeginsHoweverTheContentComes(
            @ForAll("contents") byte[] content, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        String text = Wire.latin1(content);
        Header expected = reference(text);
        HeaderScanner scanner = new HeaderScanner();
        List<Begun> whole = fields(scanner, List.of(content), direct);

        assertThat(header(scanner)).isEqualTo(expected);
        scanner.reset();
        assertThat(fields(scanner, Wire.cut(content, cuts), direct)).isEqualTo(whole);
        assertThat(header(scanner)).isEqualTo(expected);

        assertThat(whole).hasSize(expected.fields());
        for (Begun begun : whole) {
            int start = (int) begun.start();
            assertThat(start == 0 || text.charAt(start - 1) == '\n').isTrue();
            if (begun.field() != null) {
                assertThat(text.substring(start))
                        .matches("(?is)" + begun.field().text() + "[ \t]*:.*");
            }
        }
    }

    private static List<Begun> fields(HeaderScanner scanner, List<byte[]> pieces, boolean direct) {
        List<Begun> begun = new ArrayList<>();
        Wire.receive(pieces, direct, in -> {
            while (scanner.nextField(in)) {
                begun.add(new Begun(scanner.field(), scanner.fieldStart()));
            }
            assertThat(in.hasRemaining()).isFalse();
        });
        return begun;
    }

    @Test
    void findsTheBoundaryAtEveryCut() {
        String header = "Received: a\r\nFrom: b\r\n c\r\nX: d\r\n";
        for (String end : List.of("\r\nbody: x\r\n", "body\r\n", "\rx: y\r\n")) {
            Wire.everyCut(Wire.octets(header + end), pieces -> {
                Header found = scan(new HeaderScanner(), pieces, false);
                assertThat(found.octets()).isEqualTo(header.length());
                assertThat(found.fields()).isEqualTo(3);
                assertThat(found.ended()).isTrue();
                assertThat(found.emptyLine()).isEqualTo(end.startsWith("\r\n"));
                assertThat(found.longestLine()).isEqualTo("Received: a".length());
            });
        }
    }

    @Test
    void knowsEachFieldByItsNameInAnyCase() {
        for (HeaderField field : HeaderField.values()) {
            for (String name : List.of(field.text(), field.text().toUpperCase(Locale.ROOT))) {
                HeaderScanner scanner = new HeaderScanner();
                Header found = scan(scanner, List.of(Wire.octets(name + ": x\r\nX" + name + ": x\r\n")), true);
                assertThat(found.counts()).isEqualTo(Map.of(field, 1));
                assertThat(scanner.count(field)).isEqualTo(1);
            }
        }
    }

    private static Header scan(HeaderScanner scanner, List<byte[]> pieces, boolean direct) {
        long[] looked = {0};
        Wire.receive(pieces, direct, in -> {
            int position = in.position();
            int limit = in.limit();
            scanner.scan(in);
            assertThat(in.position()).isEqualTo(position);
            assertThat(in.limit()).isEqualTo(limit);
            looked[0] += in.remaining();
            in.position(limit);
            if (!scanner.isEnded()) {
                assertThat(looked[0] - scanner.octets()).isBetween(0L, HeaderScanner.MAX_UNDECIDED - 1L);
            }
        });
        return header(scanner);
    }

    private static Header header(HeaderScanner scanner) {
        Map<HeaderField, Integer> counts = new EnumMap<>(HeaderField.class);
        for (HeaderField field : HeaderField.values()) {
            if (scanner.count(field) > 0) {
                counts.put(field, scanner.count(field));
            }
        }
        return new Header(
                scanner.octets(),
                scanner.fields(),
                scanner.longestLine(),
                scanner.isEnded(),
                scanner.isEndedByEmptyLine(),
                counts);
    }

    /** Line by line, with all of it at hand. */
    private static Header reference(String content) {
        Pattern name = Pattern.compile("([!-9;-~]+)[ \t]*");
        Map<HeaderField, Integer> counts = new EnumMap<>(HeaderField.class);
        int fields = 0;
        long longest = 0;
        int at = 0;
        while (at < content.length()) {
            int lf = content.indexOf('\n', at);
            String line = content.substring(at, lf < 0 ? content.length() : lf + 1);
            if (line.equals("\r")) {
                return new Header(at, fields, longest, false, false, counts);
            }
            boolean folded = line.startsWith(" ") || line.startsWith("\t");
            Matcher start = name.matcher(line);
            boolean named = start.lookingAt();
            if (folded ? fields == 0 : !named) {
                return new Header(at, fields, longest, true, line.equals("\r\n"), counts);
            }
            if (!folded) {
                if (start.end() < HeaderScanner.MAX_UNDECIDED) {
                    if (start.end() == line.length()) {
                        return new Header(at, fields, longest, false, false, counts);
                    }
                    if (line.charAt(start.end()) != ':') {
                        return new Header(at, fields, longest, true, false, counts);
                    }
                }
                for (HeaderField field : HeaderField.values()) {
                    if (field.text().equalsIgnoreCase(start.group(1))) {
                        counts.merge(field, 1, Integer::sum);
                    }
                }
                fields++;
            }
            if (lf >= 0) {
                longest = Math.max(longest, line.length() - 2L);
            }
            at += line.length();
        }
        return new Header(at, fields, longest, false, false, counts);
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/rfc.md and the sources agree: what is cited stands in the ledger, and what the ledger names is there. */
class RfcLedgerTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    /** {@code RFC 5321 §4.5.2, §2.3.8 and §4.1}: one RFC, then its sections. */
    private static final Pattern CITATION =
            Pattern.compile("RFC (\\d{3,5})((?:[\\s*]*(?:,|and)?[\\s*]*§\\d+(?:\\.\\d+)*)+)");

    private static final Pattern SECTION = Pattern.compile("§(\\d+(?:\\.\\d+)*)");
    private static final Pattern ROW =
            Pattern.compile("\\| *(\\d{3,5}) *\\| *([^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|");
    private static final Pattern CLASS_NAME = Pattern.compile("(?<![A-Za-z0-9.])([A-Z][a-z]+[A-Z][A-Za-z0-9]*)");

    @Test
    void everySectionCitedInTheSourcesStandsInTheLedger() throws IOException {
        Set<String> ledger = new TreeSet<>();
        for (Matcher row : rows()) {
            for (String section : row.group(2).replace("§", "").split("[, ]+", -1)) {
                ledger.add(row.group(1) + " " + section);
            }
        }
        Map<String, Path> missing = new TreeMap<>();
        for (Path file : sources("main")) {
            Matcher citation = CITATION.matcher(Files.readString(file));
            while (citation.find()) {
                Matcher section = SECTION.matcher(citation.group(2));
                while (section.find()) {
                    String cited = citation.group(1) + " " + section.group(1);
                    if (!ledger.contains(cited)) {
                        missing.put(cited, ROOT.relativize(file));
                    }
                }
            }
        }
        assertThat(missing).as("cited, and not in docs/rfc.md").isEmpty();
    }

    @Test
    void everyClassAndTestThatTheLedgerNamesIsThere() throws IOException {
        Set<String> classes = Stream.concat(sources("main").stream(), sources("test").stream())
                .map(f -> f.getFileName().toString().replace(".java", ""))
                .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (Matcher row : rows()) {
            for (int column = 4; column <= 5; column++) {
                Matcher name = CLASS_NAME.matcher(row.group(column));
                while (name.find()) {
                    if (!classes.contains(name.group(1))) {
                        missing.add(name.group(1));
                    }
                }
            }
        }
        assertThat(missing).as("named in docs/rfc.md, and nowhere else").isEmpty();
    }

    private static List<Matcher> rows() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/rfc.md")).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .toList();
    }

    private static List<Path> sources(String kind) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(f -> f.toString().endsWith(".java"))
                    .filter(f -> f.toString().contains("/src/" + kind + "/"))
                    .toList();
        }
    }
}

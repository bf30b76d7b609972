package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A domain's policy of MTA-STS: which mail hosts it has, and that these have certificates of trusted issuers. RFC 8461
 * §3.2.
 *
 * @param mode what becomes of mail where no host is as the policy says
 * @param mx names of hosts, or {@code *.} and a domain for any label in front of it; one at least, unless the mode is
 *     NONE
 * @param maxAge how long it is good
 */
public record StsPolicy(Mode mode, List<String> mx, Duration maxAge) {
    /** Octets of a policy. RFC 8461 §3.3. */
    static final int MAX_OCTETS = 64 * 1024;

    /** Hosts and patterns of a policy. */
    static final int MAX_PATTERNS = 1_000;

    /** The longest that a policy is good, whatever it says. RFC 8461 §3.2. */
    static final Duration MAX_AGE = Duration.ofHours(8_766);

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}");
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,10}");
    /** What an extension, which is passed over, may have as its value. */
    private static final Pattern TEXT = Pattern.compile("[^\\p{Cntrl}]*");

    /** What becomes of mail. RFC 8461 §5. */
    public enum Mode {
        /** It waits. */
        ENFORCE,
        /** It goes, as without a policy. */
        TESTING,
        /** The domain has no policy any more. */
        NONE
    }

    /** Copies the list. */
    public StsPolicy {
        mx = List.copyOf(mx);
    }

    /** What a server says; empty if it is no policy. Of a field that is there twice the first counts, but of mx. */
    static Optional<StsPolicy> parse(String text) {
        if (text.length() > MAX_OCTETS) {
            return Optional.empty();
        }
        Map<String, String> fields = new HashMap<>();
        List<String> hosts = new ArrayList<>();
        String[] lines = text.split("\r?\n", -1);
        for (int i = 0; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, Math.max(0, colon));
            String value = withoutBlanks(lines[i].substring(colon + 1));
            if (i == lines.length - 1 && i > 0 && lines[i].isEmpty()) {
                break; // what follows the last end of line
            } else if (!NAME.matcher(name).matches() || !TEXT.matcher(value).matches()) {
                return Optional.empty();
            } else if (name.equals("mx")) {
                hosts.add(value.toLowerCase(Locale.ROOT));
            } else {
                fields.putIfAbsent(name, value);
            }
        }
        Optional<Mode> mode = mode(fields.getOrDefault("mode", ""));
        String age = fields.getOrDefault("max_age", "");
        boolean isSound = "STSv1".equals(fields.get("version"))
                && mode.isPresent()
                && SECONDS.matcher(age).matches()
                && hosts.size() <= MAX_PATTERNS
                && hosts.stream()
                        .allMatch(h -> h.length() <= 255 && HOST.matcher(h).matches())
                && (!hosts.isEmpty() || mode.get() == Mode.NONE);
        if (!isSound) {
            return Optional.empty();
        }
        Duration told = Duration.ofSeconds(Long.parseLong(age));
        return Optional.of(new StsPolicy(mode.get(), hosts, told.compareTo(MAX_AGE) > 0 ? MAX_AGE : told));
    }

    /**
     * Whether that host is one of the policy's; {@code *.} stands for one label. RFC 8461 §4.1.
     *
     * @param host a name in A-labels
     */
    public boolean includes(String host) {
        String name = Octets.lowerAscii(DomainGrammar.withoutRoot(host));
        int dot = name.indexOf('.');
        return mx.contains(name) || dot > 0 && mx.contains('*' + name.substring(dot));
    }

    private static String withoutBlanks(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isBlank(text.charAt(from))) {
            from++;
        }
        while (to > from && isBlank(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }

    private static Optional<Mode> mode(String word) {
        return switch (word) {
            case "enforce" -> Optional.of(Mode.ENFORCE);
            case "testing" -> Optional.of(Mode.TESTING);
            case "none" -> Optional.of(Mode.NONE);
            default -> Optional.empty();
        };
    }

    /** As {@link #parse} takes it. */
    String text() {
        StringBuilder text = new StringBuilder("version: STSv1\r\nmode: ")
                .append(mode.name().toLowerCase(Locale.ROOT))
                .append("\r\n");
        mx.forEach(host -> text.append("mx: ").append(host).append("\r\n"));
        return text.append("max_age: ")
                .append(maxAge.toSeconds())
                .append("\r\n")
                .toString();
    }
}

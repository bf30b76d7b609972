package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.Collectors;

/**
 * What a server offers in its reply to EHLO. RFC 5321 §4.1.1.1.
 *
 * @param keywords each keyword in upper case, with its arguments in their order; unmodifiable
 */
public record Capabilities(Map<String, List<String>> keywords) {
    /** What is known of a server that took HELO: nothing. */
    public static final Capabilities NONE = new Capabilities(Map.of());

    /** Copies the map. */
    public Capabilities {
        keywords = Map.copyOf(keywords);
    }

    /** The capabilities in a reply to EHLO; its first line is the server's name and greeting. */
    public static Capabilities of(Reply reply) {
        Map<String, List<String>> keywords = new LinkedHashMap<>();
        for (String line : reply.lines().subList(1, reply.lines().size())) {
            List<String> words = words(line);
            if (!words.isEmpty()) {
                keywords.putIfAbsent(words.get(0), words.subList(1, words.size()));
            }
        }
        return new Capabilities(keywords);
    }

    /** Some servers still write {@code AUTH=PLAIN LOGIN}, as it was before RFC 2554. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringTokenizer tokens = new StringTokenizer(line, " =");
        while (tokens.hasMoreTokens()) {
            String word = tokens.nextToken();
            words.add(words.isEmpty() ? upper(word) : word);
        }
        return List.copyOf(words);
    }

    private static String upper(String text) {
        return text.chars().allMatch(c -> c < 0x80) ? text.toUpperCase(Locale.ROOT) : text;
    }

    /** Whether the keyword, in upper case, is offered. */
    public boolean has(String keyword) {
        return keywords.containsKey(keyword);
    }

    /** The most octets a message may have; {@link Long#MAX_VALUE} if no limit is told. RFC 1870 §3. */
    public long maxMessageOctets() {
        List<String> arguments = keywords.getOrDefault("SIZE", List.of());
        String size = arguments.isEmpty() ? "" : arguments.get(0);
        if (size.isEmpty() || size.length() > 18 || !size.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Long.MAX_VALUE;
        }
        long octets = Long.parseLong(size);
        return octets == 0 ? Long.MAX_VALUE : octets;
    }

    /** The SASL mechanisms offered, in upper case. RFC 4954 §3. */
    public Set<String> authMechanisms() {
        return keywords.getOrDefault("AUTH", List.of()).stream()
                .map(Capabilities::upper)
                .collect(Collectors.toUnmodifiableSet());
    }
}

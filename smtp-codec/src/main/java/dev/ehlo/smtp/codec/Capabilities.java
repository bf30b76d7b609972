package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Reply;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
            List<String> words = Arrays.asList(line.trim().split("[ =]+"));
            keywords.putIfAbsent(words.get(0).toUpperCase(Locale.ROOT), List.copyOf(words.subList(1, words.size())));
        }
        return new Capabilities(keywords);
    }

    /** Whether the keyword, in upper case, is offered. */
    public boolean has(String keyword) {
        return keywords.containsKey(keyword);
    }

    /** The most octets a message may have; {@link Long#MAX_VALUE} if no limit is told. RFC 1870 §3. */
    public long maxMessageOctets() {
        String size = String.join("", keywords.getOrDefault("SIZE", List.of()));
        if (size.isEmpty() || size.length() > 18 || !size.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Long.MAX_VALUE;
        }
        long octets = Long.parseLong(size);
        return octets == 0 ? Long.MAX_VALUE : octets;
    }

    /** The SASL mechanisms offered, in upper case. RFC 4954 §3. */
    public Set<String> authMechanisms() {
        return keywords.getOrDefault("AUTH", List.of()).stream()
                .map(m -> m.toUpperCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }
}

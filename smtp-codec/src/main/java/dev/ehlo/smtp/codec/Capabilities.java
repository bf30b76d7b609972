package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a server offers in its reply to EHLO. A client reads it with {@link #of}, a server writes it with
 * {@link #toReply}:
 *
 * <pre>{@code
 * Capabilities.NONE.with(Extension.SIZE, "10485760").with(Extension.PIPELINING).toReply("mx.example.org")
 * }</pre>
 *
 * <p>What a server says is taken as far as it makes sense: a line without a keyword is passed over, an argument that is
 * malformed reads as absent. RFC 5321 §4.1.1.1.
 *
 * @param keywords each keyword in upper case, with its arguments; both in their order; unmodifiable
 */
public record Capabilities(Map<String, List<String>> keywords) {
    /** What is known of a server that took HELO: nothing. */
    public static final Capabilities NONE = new Capabilities(Map.of());

    private static final Pattern KEYWORD = Pattern.compile("[A-Z0-9][A-Z0-9-]*");
    private static final Pattern ARGUMENT = Pattern.compile("[!-~]+");
    private static final Pattern MECHANISM = Pattern.compile("[A-Z0-9_-]{1,20}");
    private static final Pattern SOLICITATION = Pattern.compile("[A-Za-z][A-Za-z0-9._:-]*");
    /** {@code 250 }, and CRLF. */
    private static final int LINE_ROOM = ReplyEncoder.MAX_REPLY_LINE - 6;

    /**
     * Copies the map.
     *
     * @throws IllegalArgumentException if a keyword or argument could not stand in a reply to EHLO, or they are too
     *     long together for a line of it
     */
    public Capabilities {
        Map<String, List<String>> copy = new LinkedHashMap<>();
        keywords.forEach((keyword, arguments) -> {
            boolean isSound = KEYWORD.matcher(keyword).matches()
                    && arguments.stream().allMatch(a -> ARGUMENT.matcher(a).matches())
                    && line(keyword, arguments).length() <= LINE_ROOM;
            if (!isSound) {
                throw new IllegalArgumentException("not a line of EHLO: " + Octets.printable(line(keyword, arguments)));
            }
            copy.put(keyword, List.copyOf(arguments));
        });
        keywords = Collections.unmodifiableMap(copy);
    }

    /**
     * The capabilities in a reply to EHLO; its first line is the server's name and greeting. Where a keyword is listed
     * again the first one counts, but mechanisms of AUTH add up: some servers list them twice, the second time as
     * {@code AUTH=PLAIN LOGIN}, as it was before RFC 2554.
     */
    public static Capabilities of(Reply reply) {
        Map<String, List<String>> keywords = new LinkedHashMap<>();
        for (String each : reply.lines().subList(1, reply.lines().size())) {
            String line = each.trim();
            boolean old = line.regionMatches(true, 0, "AUTH=", 0, 5);
            String[] words = (old ? line.replaceFirst("=", " ") : line).split(" +");
            String keyword = Octets.upperAscii(words.length > 0 ? words[0] : "");
            List<String> arguments = Arrays.stream(words)
                    .skip(1)
                    .filter(a -> ARGUMENT.matcher(a).matches())
                    .toList();
            if (KEYWORD.matcher(keyword).matches() && line(keyword, arguments).length() <= LINE_ROOM) {
                keywords.merge(
                        keyword, arguments, keyword.equals("AUTH") ? Capabilities::union : (first, again) -> first);
            }
        }
        return new Capabilities(keywords);
    }

    private static List<String> union(List<String> first, List<String> again) {
        List<String> both = new ArrayList<>(first);
        again.stream().filter(a -> !first.contains(a)).forEach(both::add);
        return line("AUTH", both).length() <= LINE_ROOM ? both : first;
    }

    private static String line(String keyword, List<String> arguments) {
        return arguments.isEmpty() ? keyword : keyword + ' ' + String.join(" ", arguments);
    }

    /**
     * These and one more, or with other arguments.
     *
     * @throws IllegalArgumentException if an argument could not stand in a reply to EHLO
     */
    public Capabilities with(Extension extension, String... arguments) {
        return with(extension.keyword(), arguments);
    }

    /**
     * These and one more, or with other arguments; for extensions that are not registered, whose keywords begin with
     * X.
     *
     * @throws IllegalArgumentException if the keyword or an argument could not stand in a reply to EHLO
     */
    public Capabilities with(String keyword, String... arguments) {
        Map<String, List<String>> more = new LinkedHashMap<>(keywords);
        more.put(Octets.upperAscii(keyword), List.of(arguments));
        return new Capabilities(more);
    }

    /**
     * The reply to EHLO that offers these.
     *
     * @param greeting the server's name, and what else it likes to say after a blank
     * @throws IllegalArgumentException if the greeting can't be text of a reply
     */
    public Reply toReply(String greeting) {
        List<String> lines = new ArrayList<>();
        lines.add(greeting);
        keywords.forEach((keyword, arguments) -> lines.add(line(keyword, arguments)));
        return Reply.of(250, lines);
    }

    /** Whether the keyword, in upper case, is offered. */
    public boolean has(String keyword) {
        return keywords.containsKey(keyword);
    }

    /** Whether the extension is offered. */
    public boolean has(Extension extension) {
        return has(extension.keyword());
    }

    /** Those offered that are registered; unmodifiable. */
    public Set<Extension> extensions() {
        return Arrays.stream(Extension.values()).filter(this::has).collect(Collectors.toUnmodifiableSet());
    }

    /** The extension's arguments as they were listed: {@code imap} of BURL; empty if there are none. */
    public List<String> arguments(Extension extension) {
        return keywords.getOrDefault(extension.keyword(), List.of());
    }

    /** The most octets a message may have; {@link Long#MAX_VALUE} if no limit is told. RFC 1870 §3. */
    public long maxMessageOctets() {
        long octets = number(argument(Extension.SIZE, 0), 18).orElse(0);
        return octets == 0 ? Long.MAX_VALUE : octets;
    }

    /** The SASL mechanisms offered, in upper case. RFC 4954 §3. */
    public Set<String> authMechanisms() {
        return arguments(Extension.AUTH).stream()
                .map(Octets::upperAscii)
                .filter(m -> MECHANISM.matcher(m).matches())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The least time of DELIVERBY that the server takes; empty if it tells none. RFC 2852 §2. */
    public Optional<Duration> deliverByMinimum() {
        // A comma leads to options that are not defined yet.
        String seconds = argument(Extension.DELIVERBY, 0).split(",", 2)[0];
        return seconds(seconds);
    }

    /** The longest time for which the server holds a message. RFC 4865 §3. */
    public Optional<Duration> maxHold() {
        return seconds(argument(Extension.FUTURERELEASE, 0));
    }

    /** Until when at the latest the server holds a message. RFC 4865 §3. */
    public Optional<Instant> maxHoldUntil() {
        try {
            return Optional.of(
                    OffsetDateTime.parse(argument(Extension.FUTURERELEASE, 1)).toInstant());
        } catch (DateTimeException none) {
            return Optional.empty();
        }
    }

    /** The name of the profile by which the server takes priorities, such as {@code MIXER}. RFC 6710 §3. */
    public Optional<String> priorityProfile() {
        return arguments(Extension.MT_PRIORITY).stream().findFirst();
    }

    /** The kinds of solicitation that the server does not want. RFC 3865. */
    public List<String> unwantedSolicitations() {
        return Arrays.stream(argument(Extension.NO_SOLICITING, 0).split(","))
                .filter(word -> SOLICITATION.matcher(word).matches())
                .toList();
    }

    /** The most transactions of one session, MAILMAX of LIMITS; empty if it is not told. RFC 9422 §4. */
    public OptionalInt maxTransactions() {
        return limit("MAILMAX");
    }

    /** The most recipients of one transaction, RCPTMAX of LIMITS; empty if it is not told. RFC 9422 §4. */
    public OptionalInt maxRecipients() {
        return limit("RCPTMAX");
    }

    /** The most domains of the recipients of one transaction, RCPTDOMAINMAX of LIMITS. RFC 9422 §4. */
    public OptionalInt maxRecipientDomains() {
        return limit("RCPTDOMAINMAX");
    }

    private OptionalInt limit(String name) {
        for (String each : arguments(Extension.LIMITS)) {
            int equals = each.indexOf('=');
            if (equals >= 0 && Octets.upperAscii(each.substring(0, equals)).equals(name)) {
                OptionalLong value = number(each.substring(equals + 1), 6);
                return value.orElse(0) == 0 ? OptionalInt.empty() : OptionalInt.of((int) value.getAsLong());
            }
        }
        return OptionalInt.empty();
    }

    private String argument(Extension extension, int index) {
        List<String> arguments = arguments(extension);
        return index < arguments.size() ? arguments.get(index) : "";
    }

    /** Nine digits at most, as the extensions that tell a time have it. */
    private static Optional<Duration> seconds(String digits) {
        OptionalLong seconds = number(digits, 9);
        return seconds.isPresent() ? Optional.of(Duration.ofSeconds(seconds.getAsLong())) : Optional.empty();
    }

    private static OptionalLong number(String digits, int maxDigits) {
        boolean isNumber = !digits.isEmpty()
                && digits.length() <= maxDigits
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }
}

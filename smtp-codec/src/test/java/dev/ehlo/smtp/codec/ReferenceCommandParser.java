package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.codec.CommandEvents.Event;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.ReferenceGrammar;
import dev.ehlo.smtp.grammar.ReferenceParameters;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The command parser again, slow and plain, over the whole input at once: what the fast one is held against. */
final class ReferenceCommandParser {
    private static final Pattern PARAMETER =
            Pattern.compile(" +([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\\x80-\\xff]+))?(?= |\\z)");
    private static final Pattern CHUNK = Pattern.compile("(\\d+)((?i: LAST)?)(.*)", Pattern.DOTALL);
    private static final Pattern SASL = Pattern.compile("([A-Za-z0-9_-]{1,20})(?: ([!-~\\x80-\\xff]*))?");

    private final Set<Leniency> leniencies;

    private ReferenceCommandParser(Set<Leniency> leniencies) {
        this.leniencies = leniencies;
    }

    static List<Event> events(byte[] octets) {
        return events(octets, Set.of());
    }

    static List<Event> events(byte[] octets, Set<Leniency> leniencies) {
        ReferenceCommandParser reference = new ReferenceCommandParser(leniencies);
        List<Event> events = new ArrayList<>();
        String rest = Wire.latin1(octets);
        for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
            String line = rest.substring(0, end);
            events.add(end + 2 > max(line) ? Event.OVERLONG : reference.line(line));
            rest = rest.substring(end + 2);
        }
        if (rest.length() + 1 > max(rest)) {
            events.add(Event.OVERLONG);
        }
        return events;
    }

    private static Verb unreadable(String octets) {
        return octets.regionMatches(true, 0, "BDAT", 0, 4) ? Verb.BDAT : Verb.UNKNOWN;
    }

    private static int max(String line) {
        return line.regionMatches(true, 0, "AUTH ", 0, 5) ? 12_288 : 2048;
    }

    private Event line(String untrimmed) {
        String octets = untrimmed.replaceAll("[ \t]+\\z", "");
        String line = text(octets);
        if (untrimmed.matches("(?s).*[\r\n\0].*")) {
            return Event.malformed(unreadable(octets), CommandError.BARE_CONTROL, line, -1, false);
        }
        if (!isUtf8(octets)) {
            return Event.malformed(unreadable(octets), CommandError.MALFORMED_UTF8, line, -1, false);
        }
        int space = octets.indexOf(' ');
        String name = space < 0 ? octets : octets.substring(0, space);
        String argument = space < 0 ? "" : octets.substring(space + 1);
        Verb verb = Arrays.stream(Verb.values())
                .filter(v -> v != Verb.UNKNOWN && isSame(v.name(), name))
                .findFirst()
                .orElse(Verb.UNKNOWN);
        return switch (verb) {
            case DATA, RSET, QUIT, STARTTLS ->
                argument.isEmpty() ? Event.plain(verb, line) : malformed(verb, CommandError.UNEXPECTED_ARGUMENT, line);
            case NOOP, HELP, UNKNOWN -> Event.plain(verb, line);
            case VRFY, EXPN, ETRN, XCLIENT, XFORWARD ->
                argument.isEmpty() ? malformed(verb, CommandError.MISSING_ARGUMENT, line) : Event.plain(verb, line);
            case HELO, EHLO, LHLO ->
                argument.isEmpty()
                        ? malformed(verb, CommandError.MISSING_ARGUMENT, line)
                        : argument.matches("[!-~\\x80-\\xff]+")
                                ? Event.plain(verb, line)
                                : malformed(verb, CommandError.BAD_ARGUMENT, line);
            case MAIL -> path(verb, line, argument, "FROM:", CommandError.BAD_REVERSE_PATH);
            case RCPT -> path(verb, line, argument, "TO:", CommandError.BAD_FORWARD_PATH);
            case BDAT -> chunk(line, argument);
            case AUTH -> auth(line, argument);
        };
    }

    private Event path(Verb verb, String line, String argument, String prefix, CommandError bad) {
        if (argument.length() < prefix.length() || !isSame(prefix, argument.substring(0, prefix.length()))) {
            return malformed(verb, CommandError.BAD_ARGUMENT, line);
        }
        String rest = mended(argument.substring(prefix.length()));
        ReferenceGrammar.Path path = ReferenceGrammar.path(rest);
        if (path == null
                || verb == Verb.RCPT && path.mailbox() == null
                || verb == Verb.MAIL
                        && path.mailbox() != null
                        && path.mailbox().domain().isEmpty()) {
            return malformed(verb, bad, line);
        }
        List<EsmtpParameter> parameters = new ArrayList<>();
        Set<String> keywords = new HashSet<>();
        Map<EsmtpKeyword, Long> numbers = new EnumMap<>(EsmtpKeyword.class);
        for (rest = rest.substring(path.end()); !rest.isEmpty(); ) {
            if (rest.startsWith(" ") && parameters.size() == Command.MAX_PARAMETERS) {
                return malformed(verb, CommandError.TOO_MANY_PARAMETERS, line);
            }
            Matcher m = PARAMETER.matcher(rest);
            if (!m.lookingAt()) {
                return malformed(verb, CommandError.BAD_PARAMETER, line);
            }
            if (!keywords.add(m.group(1).toUpperCase(Locale.ROOT).replace("HOLDUNTIL", "HOLDFOR"))) {
                return malformed(verb, CommandError.DUPLICATE_PARAMETER, line);
            }
            EsmtpKeyword known = EsmtpKeyword.find(m.group(1)).orElse(null);
            CommandError fault = fault(verb, known, m.group(2) == null ? "" : m.group(2));
            if (fault != null) {
                return malformed(verb, fault, line);
            }
            if (known != null) {
                numbers.put(known, ReferenceParameters.value(known, m.group(2) == null ? "" : m.group(2)));
            }
            parameters.add(new EsmtpParameter(m.group(1), m.group(2) == null ? null : text(m.group(2))));
            rest = rest.substring(m.end());
        }
        return Event.path(verb, line, path.mailbox(), parameters, numbers);
    }

    private @Nullable CommandError fault(Verb verb, @Nullable EsmtpKeyword known, String value) {
        if (known == null) {
            return leniencies.contains(Leniency.UNKNOWN_PARAMETER) ? null : CommandError.UNKNOWN_PARAMETER;
        }
        if (known.isOfMail() != (verb == Verb.MAIL)) {
            return CommandError.MISPLACED_PARAMETER;
        }
        long number = ReferenceParameters.value(known, value);
        return number == ParameterGrammar.MALFORMED
                ? CommandError.BAD_VALUE
                : number == ParameterGrammar.UNKNOWN ? CommandError.UNKNOWN_VALUE : null;
    }

    /** The path as it would stand without leniency: what is let pass is mended first. */
    private String mended(String rest) {
        String text = leniencies.contains(Leniency.SPACE_AFTER_COLON) ? rest.replaceFirst("^ +", "") : rest;
        if (leniencies.contains(Leniency.MISSING_BRACKETS) && ReferenceGrammar.path(text) == null) {
            for (int end = text.length(); end > 0; end--) {
                boolean whole = end == text.length() || text.charAt(end) == ' ';
                if (whole && isBare(text.substring(0, end))) {
                    return '<' + text.substring(0, end) + '>' + text.substring(end);
                }
            }
        }
        return text;
    }

    private static boolean isBare(String text) {
        ReferenceGrammar.Path path = ReferenceGrammar.path('<' + text + '>');
        return path != null && path.end() == text.length() + 2 && !text.startsWith("@");
    }

    private static Event chunk(String line, String argument) {
        Matcher m = CHUNK.matcher(argument);
        if (!m.matches() || new BigInteger(m.group(1)).bitLength() > 63) {
            return malformed(Verb.BDAT, CommandError.BAD_ARGUMENT, line);
        }
        long octets = Long.parseLong(m.group(1));
        boolean last = !m.group(2).isEmpty() && m.group(3).isEmpty();
        return m.group(3).isEmpty()
                ? Event.chunk(line, octets, last)
                : Event.malformed(Verb.BDAT, CommandError.BAD_ARGUMENT, line, octets, false);
    }

    private static Event auth(String line, String argument) {
        if (argument.isEmpty()) {
            return malformed(Verb.AUTH, CommandError.MISSING_ARGUMENT, line);
        }
        Matcher m = SASL.matcher(argument);
        return m.matches()
                ? Event.auth(line, m.group(1), m.group(2) == null ? null : text(m.group(2)))
                : malformed(Verb.AUTH, CommandError.BAD_ARGUMENT, line);
    }

    private static Event malformed(Verb verb, CommandError error, String line) {
        return Event.malformed(verb, error, line, -1, false);
    }

    private static boolean isSame(String name, String octets) {
        return octets.chars().allMatch(c -> c < 0x80) && name.equalsIgnoreCase(octets);
    }

    private static boolean isUtf8(String octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(Wire.octets(octets)));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static String text(String octets) {
        return new String(Wire.octets(octets), StandardCharsets.UTF_8);
    }
}

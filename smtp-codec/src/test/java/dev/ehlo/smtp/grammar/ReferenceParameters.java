package dev.ehlo.smtp.grammar;

import dev.ehlo.smtp.EsmtpKeyword;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of parameters again, slow and plain, over octets as characters: what the fast grammar is held against. */
public final class ReferenceParameters {
    private static final String XTEXT = "(?:[!-*,-<>-~]|\\+[0-9A-F]{2})*+";
    private static final Pattern ORCPT = Pattern.compile("([!#$%&'*+/0-9?A-Z^_`a-z{|}~-]+);(.*)", Pattern.DOTALL);
    private static final Pattern BY = Pattern.compile("(?i)([+-]?[0-9]{1,9});([NR])T?");
    private static final Pattern DATE_TIME = Pattern.compile(
            "([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):([0-9]{2})(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})");
    private static final String HEX = "[0-9A-Fa-f]";
    private static final Pattern ESCAPE =
            Pattern.compile("\\\\x\\{(20|2[Bb]|3[Dd]|5[Cc]|[89A-Fa-f]" + HEX + "|[1-9A-Fa-f]" + HEX
                    + "{2}|(?![dD][89A-Fa-f])[1-9A-Fa-f]" + HEX + "{3}|[1-9A-Fa-f]" + HEX + "{4}|10" + HEX + "{4})\\}");

    private ReferenceParameters() {}

    /** As {@link ParameterGrammar#value}, of octets as characters. */
    public static long value(EsmtpKeyword keyword, String octets) {
        boolean alone = keyword == EsmtpKeyword.SMTPUTF8 || keyword == EsmtpKeyword.REQUIRETLS;
        if (octets.isEmpty() || alone) {
            return octets.isEmpty() && alone ? 0 : ParameterGrammar.MALFORMED;
        }
        String upper = upper(octets);
        return switch (keyword) {
            case SIZE -> size(octets);
            case BODY -> {
                int type = List.of("7BIT", "8BITMIME", "BINARYMIME").indexOf(upper);
                yield type < 0 ? ParameterGrammar.UNKNOWN : type;
            }
            case RET -> {
                int part = List.of("FULL", "HDRS").indexOf(upper);
                yield part < 0 ? ParameterGrammar.MALFORMED : part;
            }
            case NOTIFY -> dsnNotify(upper);
            case ENVID -> valid(octets.length() <= 100 && isPrintable(octets));
            case ORCPT -> originalRecipient(octets);
            case AUTH ->
                valid(octets.equals("<>")
                        || octets.matches(XTEXT) && ReferenceGrammar.mailbox(utf8OrNothing(decode(octets))) != null);
            case HOLDFOR -> octets.matches("[1-9][0-9]{0,8}") ? Long.parseLong(octets) : ParameterGrammar.MALFORMED;
            case HOLDUNTIL -> dateTime(upper, true);
            case RRVS -> dateTime(upper.replaceFirst("(?s);[CR]$(?!\\n)", ""), false);
            case BY -> {
                Matcher m = BY.matcher(octets);
                yield valid(m.matches() && (upper(m.group(2)).equals("N") || Long.parseLong(m.group(1)) > 0));
            }
            case MT_PRIORITY -> octets.matches("-[1-9]|[0-9]") ? Long.parseLong(octets) : ParameterGrammar.MALFORMED;
            default -> throw new AssertionError(keyword);
        };
    }

    private static long valid(boolean valid) {
        return valid ? 0 : ParameterGrammar.MALFORMED;
    }

    private static String upper(String octets) {
        StringBuilder upper = new StringBuilder();
        octets.chars().forEach(c -> upper.append((char) (c >= 'a' && c <= 'z' ? c - 32 : c)));
        return upper.toString();
    }

    private static long size(String octets) {
        return octets.matches("[0-9]{1,20}") && new BigInteger(octets).bitLength() <= 63
                ? Long.parseLong(octets)
                : ParameterGrammar.MALFORMED;
    }

    private static long dsnNotify(String upper) {
        if (upper.equals("NEVER")) {
            return 1;
        }
        List<String> names = List.of("SUCCESS", "FAILURE", "DELAY");
        List<String> given = Arrays.asList(upper.split(",", -1));
        return names.containsAll(given)
                ? given.stream().mapToLong(name -> 2L << names.indexOf(name)).reduce(0, (a, b) -> a | b)
                : ParameterGrammar.MALFORMED;
    }

    private static boolean isPrintable(String octets) {
        return octets.matches(XTEXT) && decode(octets).matches("[ -~]*+");
    }

    private static String decode(String xtext) {
        return Pattern.compile("\\+(..)")
                .matcher(xtext)
                .replaceAll(m -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(m.group(1), 16))));
    }

    /** A mailbox in what is not UTF-8 is none. */
    private static String utf8OrNothing(String octets) {
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes) ? octets : "";
    }

    private static long originalRecipient(String octets) {
        Matcher m = ORCPT.matcher(octets);
        if (octets.length() > 500 || !m.matches()) {
            return ParameterGrammar.MALFORMED;
        }
        String address = m.group(2);
        return valid(
                upper(m.group(1)).equals("UTF-8")
                        ? ESCAPE.matcher(address).replaceAll("x").matches("[!-*,-<>-\\[\\]-~\\x80-\\xff]++")
                        : isPrintable(address));
    }

    private static long dateTime(String upper, boolean fraction) {
        Matcher m = DATE_TIME.matcher(upper);
        if (!m.matches() || m.group(4) != null && !fraction) {
            return ParameterGrammar.MALFORMED;
        }
        try {
            boolean leap = m.group(3).equals("60");
            LocalDateTime local = LocalDateTime.parse(m.group(1) + "T" + m.group(2) + ":" + (leap ? "59" : m.group(3)));
            long offset = 0;
            if (!m.group(5).equals("Z")) {
                String[] zone = m.group(5).substring(1).split(":", -1);
                int hours = Integer.parseInt(zone[0]);
                int minutes = Integer.parseInt(zone[1]);
                if (hours > 23 || minutes > 59) {
                    return ParameterGrammar.MALFORMED;
                }
                offset = (m.group(5).charAt(0) == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
            }
            long time = local.toEpochSecond(ZoneOffset.UTC) - offset;
            if (leap && ++time % 86_400 != 0) {
                return ParameterGrammar.MALFORMED;
            }
            if (m.group(4) != null && !m.group(4).matches("\\.0+")) {
                time++;
            }
            int year = OffsetDateTime.ofInstant(java.time.Instant.ofEpochSecond(time), ZoneOffset.UTC)
                    .getYear();
            return year < 0 || year > 9999 ? ParameterGrammar.MALFORMED : time;
        } catch (DateTimeException e) {
            return ParameterGrammar.MALFORMED;
        }
    }
}

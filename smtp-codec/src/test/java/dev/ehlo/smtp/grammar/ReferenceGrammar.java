package dev.ehlo.smtp.grammar;

import dev.ehlo.smtp.Mailbox;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The grammar of paths again, slow and plain, over octets as characters: what the fast one is held against. */
public final class ReferenceGrammar {
    private static final String ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\x80-\\xff-]";
    private static final String LOCAL =
            "(?:" + ATEXT + "++(?:\\." + ATEXT + "++)*+" + "|\"(?:[ !#-\\[\\]-~\\x80-\\xff]++|\\\\[ -~])*+\")";
    private static final String LET_DIG = "[A-Za-z0-9\\x80-\\xff]";
    private static final String LABEL = LET_DIG + "(?:[A-Za-z0-9\\x80-\\xff-]*" + LET_DIG + ")?";
    private static final String DOMAIN = "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[!-Z^-~]*\\])";
    private static final Pattern MAILBOX = Pattern.compile("(" + LOCAL + ")@(" + DOMAIN + ")");
    private static final Pattern PATH = Pattern.compile(
            "<((?:@" + DOMAIN + "(?:,@" + DOMAIN + ")*:)?)(?:(" + LOCAL + ")@(" + DOMAIN + ")|(?i:(postmaster)))?>");

    /** A path found: where it ends, and what it says; a null mailbox for {@code <>}. */
    public record Path(int end, @Nullable Mailbox mailbox) {}

    private ReferenceGrammar() {}

    /** The path that the octets begin with, or null. */
    public static @Nullable Path path(String octets) {
        Matcher m = PATH.matcher(octets);
        if (!m.lookingAt()) {
            return null;
        }
        String route = m.group(1);
        if (m.group(2) == null) {
            Mailbox postmaster = m.group(4) == null ? null : Mailbox.POSTMASTER;
            return route.isEmpty() ? new Path(m.end(), postmaster) : null;
        }
        if (!route.isEmpty()) {
            for (String hop : List.of(route.substring(0, route.length() - 1).split(",", -1))) {
                if (!isDomain(hop.substring(1))) {
                    return null;
                }
            }
        }
        return isMailbox(m.group(2), m.group(3)) ? new Path(m.end(), mailbox(m.group(2), m.group(3))) : null;
    }

    /** The mailbox that the octets are, or null. */
    public static @Nullable Mailbox mailbox(String octets) {
        Matcher m = MAILBOX.matcher(octets);
        return m.matches() && isMailbox(m.group(1), m.group(2)) ? mailbox(m.group(1), m.group(2)) : null;
    }

    private static Mailbox mailbox(String local, String domain) {
        String plain =
                local.startsWith("\"") ? local.substring(1, local.length() - 1).replaceAll("\\\\(.)", "$1") : local;
        return new Mailbox(text(plain), text(domain));
    }

    private static String text(String octets) {
        return new String(
                octets.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static boolean isMailbox(String local, String domain) {
        return local.length() <= 64 && local.length() + 1 + domain.length() <= 254 && isDomain(domain);
    }

    private static boolean isDomain(String domain) {
        if (domain.length() > 255) {
            return false;
        }
        if (domain.startsWith("[")) {
            return isLiteral(domain.substring(1, domain.length() - 1));
        }
        return ReferenceDomain.isDomain(domain);
    }

    private static boolean isLiteral(String literal) {
        int colon = literal.indexOf(':');
        if (colon < 0) {
            return isIpv4(literal);
        }
        String tag = literal.substring(0, colon);
        String content = literal.substring(colon + 1);
        return tag.equalsIgnoreCase("IPv6")
                ? isIpv6(content)
                : tag.matches("[A-Za-z0-9-]*[A-Za-z0-9]") && !content.isEmpty();
    }

    private static boolean isIpv4(String text) {
        return text.matches("\\d{1,3}(\\.\\d{1,3}){3}")
                && List.of(text.split("\\.", -1)).stream().allMatch(number -> Integer.parseInt(number) <= 255);
    }

    /** The four forms as RFC 5321 §4.1.3 has them. */
    private static boolean isIpv6(String text) {
        String hex = "[0-9A-Fa-f]{1,4}";
        String four = text.substring(text.lastIndexOf(':') + 1);
        String sixteen = text.substring(0, text.length() - four.length());
        return text.matches(hex + "(:" + hex + "){7}")
                || text.matches("(" + hex + "(:" + hex + "){0,5})?::(" + hex + "(:" + hex + "){0,5})?")
                        && groups(text) <= 6
                || isIpv4(four) && sixteen.matches(hex + "(:" + hex + "){5}:")
                || isIpv4(four)
                        && sixteen.matches("(" + hex + "(:" + hex + "){0,3})?::(" + hex + "(:" + hex + "){0,3}:)?")
                        && groups(sixteen) <= 4;
    }

    private static long groups(String text) {
        return List.of(text.split(":", -1)).stream()
                .filter(group -> !group.isEmpty())
                .count();
    }
}

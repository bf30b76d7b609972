package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Mailbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Slow and obvious: comments become blanks, each token becomes a letter, and the productions of RFC 5322 §3.4 and §4.4
 * are expressions over those letters.
 */
final class ReferenceAddressList {
    private static final String DOMAIN = "(?:a(?:\\.a)*|l)";
    private static final String LOCAL = "[aq](?:\\.[aq])*";
    private static final String SPEC = LOCAL + "@" + DOMAIN;
    private static final String ROUTE = "(?:,*@" + DOMAIN + "(?:,(?:@" + DOMAIN + ")?)*:)?";
    private static final String BOX = "(?:[aq.]*<" + ROUTE + SPEC + ">|" + SPEC + ")";
    private static final String GROUP = "(?:[aq.]*[aq][aq.]*:(?:" + BOX + ")?(?:,(?:" + BOX + ")?)*;)";
    private static final String ADDRESS = "(?:" + BOX + "|" + GROUP + ")";
    private static final Pattern LIST = Pattern.compile(ADDRESS + "?(?:," + ADDRESS + "?)*");
    private static final Pattern FOUND = Pattern.compile("<" + ROUTE + "(" + SPEC + ")>|(" + SPEC + ")");
    private static final Pattern TOKEN = Pattern.compile("(?<atom>[-\\w!#$%&'*+/=?^`{|}~\\x{80}-\\x{10ffff}]+)"
            + "|\"(?<quoted>(?:[^\"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[^\\x00-\\x08\\x0a-\\x1f\\x7f])*)\""
            + "|(?<literal>\\[[^\\]\\[\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]*\\])"
            + "|(?<special>[,;:<>@.])|(?<blank>[ \t]+)");

    private ReferenceAddressList() {}

    static Optional<List<Mailbox>> mailboxes(String text) {
        String unfolded = text.replaceAll("\r\n(?=[ \t]|\\z)", "");
        String plain = withoutComments(unfolded);
        if (text.length() > AddressList.MAX_TEXT || plain == null || danglingFold(text)) {
            return Optional.empty();
        }
        StringBuilder kinds = new StringBuilder();
        List<String> values = new ArrayList<>();
        Matcher token = TOKEN.matcher(plain);
        int at = 0;
        while (token.find(at) && token.start() == at) {
            at = token.end();
            String quoted = token.group("quoted");
            if (token.group("blank") == null) {
                String special = token.group("special");
                kinds.append(
                        special != null ? special : token.group("atom") != null ? "a" : quoted != null ? "q" : "l");
                values.add(quoted != null ? quoted.replaceAll("(?s)\\\\(.)", "$1") : token.group());
            }
            if (at == plain.length()) {
                break;
            }
        }
        if (at < plain.length() || !LIST.matcher(kinds).matches()) {
            return Optional.empty();
        }
        return found(kinds.toString(), values);
    }

    private static Optional<List<Mailbox>> found(String kinds, List<String> values) {
        List<Mailbox> mailboxes = new ArrayList<>();
        Matcher spec = FOUND.matcher(kinds);
        while (spec.find()) {
            int group = spec.group(1) != null ? 1 : 2;
            int sign = kinds.indexOf('@', spec.start(group));
            String local = String.join("", values.subList(spec.start(group), sign));
            String domain = String.join("", values.subList(sign + 1, spec.end(group)));
            try {
                mailboxes.add(new Mailbox(local, domain));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
        return mailboxes.size() > AddressList.MAX_MAILBOXES ? Optional.empty() : Optional.of(mailboxes);
    }

    /** A backslash takes the next character, and that is no fold. */
    private static boolean danglingFold(String text) {
        return text.contains("\\\r");
    }

    /** A blank for each comment; null if one does not end, or holds a control character. */
    private static String withoutComments(String text) {
        StringBuilder plain = new StringBuilder();
        int depth = 0;
        char closing = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean escaped = c == '\\' && (depth > 0 || closing == '"');
            if (depth > 0) {
                if (escaped && ++i == text.length()) {
                    return null;
                }
                char said = text.charAt(i);
                if (said < ' ' && said != '\t' || said == 0x7f) {
                    return null;
                }
                depth += escaped ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
                continue;
            }
            if (closing == 0 && c == '(') {
                depth = 1;
                plain.append(' ');
                continue;
            }
            plain.append(c);
            if (escaped && i + 1 < text.length()) {
                plain.append(text.charAt(++i));
            } else if (closing != 0) {
                closing = c == closing ? 0 : closing;
            } else {
                closing = c == '"' ? '"' : c == '[' ? ']' : 0;
            }
        }
        return depth > 0 ? null : plain.toString();
    }
}

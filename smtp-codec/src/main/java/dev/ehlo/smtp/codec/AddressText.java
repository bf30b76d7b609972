package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One reading of a list of addresses from the front to the end, a token at a time and never back; what does not fit is
 * remembered and told at the end. RFC 5322 §3.2, §3.4, §4.4.
 *
 * <pre>
 *     words ─ '@' → domain of an address         words ─ ':' → a group, to its ';'
 *         └─ '&lt;' → route, address, '&gt;'             └─ ',' or end: only where there are no words
 * </pre>
 */
final class AddressText {
    /** Kinds of tokens that are not a special by themselves. */
    private static final char END = 0;

    private static final char ATOM = 'a';
    private static final char QUOTED = 'q';
    private static final char LITERAL = 'l';

    private final String text;
    private final List<Mailbox> mailboxes = new ArrayList<>();
    private int at;
    private boolean malformed;
    private char kind;
    /** What an atom, a quoted string without its quoting, or a literal with its brackets says. */
    private String value = "";

    AddressText(String text) {
        this.text = text;
    }

    Optional<List<Mailbox>> read() {
        advance();
        boolean inGroup = false;
        while (!malformed && (kind != END || inGroup)) {
            if (kind == ',') {
                advance();
            } else if (kind == ';' && inGroup) {
                advance();
                inGroup = false;
                // Behind it only another address, and so a comma.
                malformed |= kind != ',' && kind != END;
            } else {
                inGroup |= address(inGroup);
            }
        }
        return malformed ? Optional.empty() : Optional.of(List.copyOf(mailboxes));
    }

    /** Reads a mailbox, or up to the members of a group; whether it is a group. */
    private boolean address(boolean inGroup) {
        StringBuilder local = new StringBuilder();
        boolean wordNext = true;
        boolean dotted = true;
        boolean any = false;
        while (kind == ATOM || kind == QUOTED || kind == '.') {
            // A local part is words with dots between; a display name is words and dots as they come.
            dotted &= wordNext == (kind != '.');
            wordNext = kind == '.';
            any |= kind != '.';
            local.append(kind == '.' ? "." : value);
            advance();
        }
        if (kind == '@') {
            advance();
            add(dotted && !wordNext, local.toString());
        } else if (kind == '<') {
            advance();
            angle();
        } else if (kind == ':' && any && !inGroup) {
            advance();
            return true;
        } else {
            malformed = true;
        }
        malformed |= kind != ',' && kind != END && (kind != ';' || !inGroup);
        return false;
    }

    private void angle() {
        route();
        StringBuilder local = new StringBuilder();
        boolean wordNext = true;
        while (wordNext ? kind == ATOM || kind == QUOTED : kind == '.') {
            local.append(wordNext ? value : ".");
            wordNext = !wordNext;
            advance();
        }
        expect('@');
        add(!wordNext, local.toString());
        expect('>');
    }

    /** {@code @a,@b:} before an address, which nobody follows any more. RFC 5322 §4.4. */
    private void route() {
        boolean any = kind == ',' || kind == '@';
        boolean domains = false;
        while (!malformed && (kind == ',' || kind == '@')) {
            boolean domain = kind == '@';
            advance();
            if (domain) {
                domain();
                domains = true;
                // Between two domains there has to be a comma.
                malformed |= kind != ',' && kind != ':';
            }
        }
        if (any) {
            malformed |= !domains;
            expect(':');
        }
    }

    private void add(boolean isLocalPart, String local) {
        String domain = domain();
        if (malformed || !isLocalPart || mailboxes.size() == AddressList.MAX_MAILBOXES) {
            malformed = true;
            return;
        }
        try {
            mailboxes.add(new Mailbox(local, domain));
        } catch (IllegalArgumentException e) {
            malformed = true;
        }
    }

    private String domain() {
        if (kind == LITERAL) {
            String literal = value;
            advance();
            return literal;
        }
        StringBuilder domain = new StringBuilder();
        while (kind == ATOM) {
            domain.append(value);
            advance();
            if (kind != '.') {
                return domain.toString();
            }
            domain.append('.');
            advance();
        }
        malformed = true;
        return "";
    }

    private void expect(char special) {
        if (kind == special) {
            advance();
        } else {
            malformed = true;
        }
    }

    // Tokens

    private void advance() {
        blanks();
        if (malformed || at == text.length()) {
            kind = END;
            return;
        }
        char c = text.charAt(at);
        if (c == '"') {
            kind = QUOTED;
            value = enclosed('"', true);
        } else if (c == '[') {
            kind = LITERAL;
            value = '[' + enclosed(']', false) + ']';
        } else if (isAtomic(c)) {
            int from = at;
            while (at < text.length() && isAtomic(text.charAt(at))) {
                at++;
            }
            kind = ATOM;
            value = text.substring(from, at);
        } else {
            malformed = ",;:<>@.".indexOf(c) < 0;
            kind = c;
            at++;
        }
    }

    /** What stands between the character here and the closing one, with folds taken back. */
    private String enclosed(char closing, boolean quoting) {
        StringBuilder content = new StringBuilder();
        at++;
        while (at < text.length() && !malformed) {
            char c = text.charAt(at);
            if (c == closing) {
                at++;
                return content.toString();
            }
            if (c == '\r') {
                fold();
                continue;
            }
            if (c == '\\' && quoting) {
                at++;
                c = at < text.length() ? text.charAt(at) : '\0';
            }
            malformed |= isControl(c) || !quoting && (c == '[' || c == '\\');
            content.append(c);
            at++;
        }
        malformed = true;
        return "";
    }

    /** Goes over blanks, folds and comments, which may hold one another. RFC 5322 §3.2.2. */
    private void blanks() {
        int depth = 0;
        while (at < text.length() && !malformed) {
            char c = text.charAt(at);
            if (c == '\r') {
                fold();
                continue;
            }
            if (c == '(') {
                depth++;
            } else if (depth > 0 && c == ')') {
                depth--;
            } else if (depth > 0 && c == '\\') {
                at++;
                malformed |= at == text.length() || isControl(text.charAt(at));
            } else if (depth > 0) {
                malformed |= isControl(c);
            } else if (c != ' ' && c != '\t') {
                return;
            }
            at++;
        }
        malformed |= depth > 0;
    }

    /** CRLF is nothing where a blank follows it, or where it ends the field. */
    private void fold() {
        int next = at + 2;
        boolean isFold = text.startsWith("\r\n", at)
                && (next == text.length() || text.charAt(next) == ' ' || text.charAt(next) == '\t');
        malformed |= !isFold;
        at = next;
    }

    /** NUL, a bare CR or LF, and the like: what one reader drops another stops at. */
    private static boolean isControl(char c) {
        return c < ' ' && c != '\t' || c == 0x7f;
    }

    /** RFC 5322 §3.2.3; and RFC 6532 §3.2 all that is not ASCII. */
    private static boolean isAtomic(char c) {
        return c >= 0x80 || Octets.isAlphanumeric(c) || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
    }
}

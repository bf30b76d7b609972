package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The reply parser again, slow and plain, over the whole input at once: what the fast one is held against. */
final class ReferenceReplyParser {
    private static final Pattern LINE = Pattern.compile("([2-5]\\d\\d)(?:([ -])(.*))?", Pattern.DOTALL);
    private static final Pattern ENHANCED =
            Pattern.compile("([245])\\.(0|[1-9]\\d{0,2})\\.(0|[1-9]\\d{0,2})(?: .*)?", Pattern.DOTALL);

    /** What a line may begin with, as far as it has come. */
    private static final Pattern HEAD_BEGUN = Pattern.compile("(?:[2-5](?:\\d(?:\\d[ \r-]?)?)?)?");

    private static final Pattern BAD_OCTET = Pattern.compile("\0|(?<!\r)\n|\r(?=[^\n])");

    private ReferenceReplyParser() {}

    static List<String> events(byte[] octets) {
        List<String> events = new ArrayList<>();
        String rest = Wire.latin1(octets);
        while (true) {
            List<String> texts = new ArrayList<>();
            String code = "";
            int at = 0;
            boolean last = false;
            while (!last) {
                int room = Math.min(ReplyParser.MAX_LINE, ReplyParser.MAX_REPLY - at);
                String line = rest.substring(at, Math.min(at + room, rest.length()));
                String head = line.substring(0, Math.min(4, line.length()));
                if (!HEAD_BEGUN.matcher(head).matches()
                        || !head.regionMatches(0, code, 0, Math.min(head.length(), code.length()))) {
                    events.add("MALFORMED");
                    return events;
                }
                int bad = badOctet(line);
                int end = line.indexOf("\r\n");
                if (bad >= 0 && (end < 0 || bad < end)) {
                    events.add("MALFORMED");
                    return events;
                }
                if (end < 0) {
                    if (line.length() == room) {
                        events.add("OVERLONG");
                    }
                    return events;
                }
                Matcher m = LINE.matcher(line.substring(0, end));
                if (!m.matches() || !code.isEmpty() && !code.equals(m.group(1))) {
                    events.add("MALFORMED");
                    return events;
                }
                code = m.group(1);
                last = !"-".equals(m.group(2));
                texts.add(m.group(3) == null ? "" : m.group(3));
                at += end + 2;
                if (!last && texts.size() == ReplyParser.MAX_LINES) {
                    events.add("OVERLONG");
                    return events;
                }
            }
            events.add(ReplyEvents.shown(reply(code, texts)));
            rest = rest.substring(at);
        }
    }

    /** Where a NUL, an LF without CR, or a CR with another octet than LF behind it is; -1 if nowhere. */
    private static int badOctet(String line) {
        Matcher m = BAD_OCTET.matcher(line);
        return m.find() ? m.start() : -1;
    }

    private static Reply reply(String code, List<String> octets) {
        List<String> lines = new ArrayList<>();
        EnhancedStatusCode enhanced = enhanced(code, text(octets.get(0)));
        for (String line : octets) {
            String text = text(line);
            if (enhanced != null && text.equals(enhanced.toString())) {
                text = "";
            } else if (enhanced != null && text.startsWith(enhanced + " ")) {
                text = text.substring(text.indexOf(' ') + 1);
            }
            lines.add(Octets.isPrintable(text) ? text : Octets.printable(text));
        }
        return new Reply(Integer.parseInt(code), enhanced, lines);
    }

    private static @Nullable EnhancedStatusCode enhanced(String code, String text) {
        Matcher m = ENHANCED.matcher(text);
        return m.matches() && m.group(1).equals(code.substring(0, 1))
                ? new EnhancedStatusCode(
                        Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)))
                : null;
    }

    private static String text(String octets) {
        return new String(Wire.octets(octets), StandardCharsets.UTF_8);
    }
}

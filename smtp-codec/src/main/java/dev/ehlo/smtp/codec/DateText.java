package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One reading of a date from the front to the end; what does not fit is remembered and told at the end. */
final class DateText {
    /** RFC 5322 §4.3, hours from UTC. */
    private static final Map<String, Integer> ZONES =
            Map.of("edt", -4, "est", -5, "cdt", -5, "cst", -6, "mdt", -6, "mst", -7, "pdt", -7, "pst", -8);

    /** Letters of a zone that says nothing: usually 3 to 5, RFC 5322 §4.3. */
    private static final int MAX_ZONE = 5;

    private static final int MAX_OFFSET_MINUTES = 18 * 60;

    private final String text;
    private int at;
    private boolean malformed;

    DateText(String text) {
        this.text = text;
    }

    Optional<OffsetDateTime> read() {
        skip();
        int dayOfWeek = isLetter(peek()) ? name(MessageDate.DAYS) : 0;
        if (dayOfWeek > 0) {
            skip();
            expect(',');
            skip();
        }
        int day = number(1, 2);
        skip();
        int month = name(MessageDate.MONTHS);
        skip();
        int year = year();
        skip();
        int hour = number(2, 2);
        skip();
        expect(':');
        skip();
        int minute = number(2, 2);
        skip();
        int second = 0;
        if (peek() == ':') {
            at++;
            skip();
            second = number(2, 2);
            skip();
        }
        int offset = zone();
        skip();
        if (malformed || at < text.length() || hour > 23 || minute > 59 || second > 60) {
            return Optional.empty();
        }
        LocalDate date = date(year, month, day);
        if (date == null || dayOfWeek > 0 && date.getDayOfWeek().getValue() != dayOfWeek) {
            return Optional.empty();
        }
        OffsetDateTime time =
                date.atTime(hour, minute).plusSeconds(second).atOffset(ZoneOffset.ofTotalSeconds(60 * offset));
        return time.getYear() > MessageDate.LAST_YEAR ? Optional.empty() : Optional.of(time);
    }

    private static @Nullable LocalDate date(int year, int month, int day) {
        if (year < MessageDate.FIRST_YEAR || day < 1) {
            return null;
        }
        YearMonth calendar = YearMonth.of(year, month);
        return day > calendar.lengthOfMonth() ? null : calendar.atDay(day);
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void expect(char c) {
        if (peek() == c) {
            at++;
        } else {
            malformed = true;
        }
    }

    /** Blanks, folds and comments. */
    private void skip() {
        while (true) {
            char c = peek();
            if (c == ' ' || c == '\t') {
                at++;
            } else if (c == '\r' && (text.startsWith("\r\n ", at) || text.startsWith("\r\n\t", at))) {
                at += 3;
            } else if (c == '(') {
                comment();
            } else {
                return;
            }
        }
    }

    private void comment() {
        int depth = 0;
        do {
            char c = peek();
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            at += c == '\\' ? 2 : 1;
        } while (depth > 0 && at < text.length());
        malformed |= depth > 0;
        at = Math.min(at, text.length());
    }

    private int number(int minDigits, int maxDigits) {
        int from = at;
        int value = 0;
        for (; peek() >= '0' && peek() <= '9'; at++) {
            value = value * 10 + peek() - '0';
        }
        malformed |= at - from < minDigits || at - from > maxDigits;
        return value;
    }

    /** Two digits are of 1950 to 2049, three count from 1900. RFC 5322 §4.3. */
    private int year() {
        int from = at;
        int year = number(2, 4);
        int digits = at - from;
        return digits > 3 ? year : digits == 2 && year < 50 ? 2000 + year : 1900 + year;
    }

    private String letters() {
        int from = at;
        while (isLetter(peek())) {
            at++;
        }
        return Octets.lowerAscii(text.substring(from, at));
    }

    /** The place in the list, from 1. */
    private int name(List<String> names) {
        String word = letters();
        for (int i = 0; i < names.size(); i++) {
            if (Octets.lowerAscii(names.get(i)).equals(word)) {
                return i + 1;
            }
        }
        malformed = true;
        return 0;
    }

    /** Minutes from UTC. */
    private int zone() {
        char sign = peek();
        if (sign == '+' || sign == '-') {
            at++;
            int digits = number(4, 4);
            int minutes = digits / 100 * 60 + digits % 100;
            malformed |= digits % 100 > 59 || minutes > MAX_OFFSET_MINUTES;
            return malformed ? 0 : sign == '-' ? -minutes : minutes;
        }
        String name = letters();
        malformed |= name.isEmpty() || name.length() > MAX_ZONE || name.equals("j");
        return 60 * ZONES.getOrDefault(name, 0);
    }

    private static boolean isLetter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}

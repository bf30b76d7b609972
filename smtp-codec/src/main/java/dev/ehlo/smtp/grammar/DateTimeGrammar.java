package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/** Values that are times of the Internet: HOLDUNTIL, RRVS. RFC 3339 §5.6. */
final class DateTimeGrammar {
    /** Octets up to the seconds: {@code 2026-11-21T12:00:00}. */
    private static final int SECONDS_END = 19;

    private static final long SECONDS_A_DAY = 86_400;
    /** 0000-01-01T00:00:00Z, the first time that has a form in UTC. */
    static final long FIRST = -62_167_219_200L;
    /** 9999-12-31T23:59:59Z, the last one. */
    static final long LAST = 253_402_300_799L;

    private DateTimeGrammar() {}

    /** A time, with any fraction of a second taken for a whole one, so that nothing is released early. RFC 4865 §3. */
    static long holdUntil(ByteBuffer in, int from, int to) {
        return dateTime(in, from, to, true);
    }

    /** {@code date-time [";" ("C" / "R")]}, without a fraction of a second. RFC 7293 §3.1. */
    static long validSince(ByteBuffer in, int from, int to) {
        int end = to;
        if (to - from > 2 && in.get(to - 2) == ';') {
            int action = in.get(to - 1) & 0xdf;
            if (action != 'C' && action != 'R') {
                return ParameterGrammar.MALFORMED;
            }
            end = to - 2;
        }
        return dateTime(in, from, end, false);
    }

    /** Seconds since 1970, or MALFORMED. */
    private static long dateTime(ByteBuffer in, int from, int to, boolean fraction) {
        if (to - from <= SECONDS_END
                || in.get(from + 4) != '-'
                || in.get(from + 7) != '-'
                || (in.get(from + 10) & 0xdf) != 'T'
                || in.get(from + 13) != ':'
                || in.get(from + 16) != ':') {
            return ParameterGrammar.MALFORMED;
        }
        int century = twoDigits(in, from);
        int ofCentury = twoDigits(in, from + 2);
        int month = twoDigits(in, from + 5);
        int day = twoDigits(in, from + 8);
        int hour = twoDigits(in, from + 11);
        int minute = twoDigits(in, from + 14);
        int second = twoDigits(in, from + 17);
        if ((century | ofCentury | month | day | hour | minute | second) < 0) {
            return ParameterGrammar.MALFORMED;
        }
        int year = century * 100 + ofCentury;
        if (month < 1
                || month > 12
                || day < 1
                || day > daysOf(month, year)
                || hour > 23
                || minute > 59
                || second > 60) {
            return ParameterGrammar.MALFORMED;
        }
        long local = daysSince1970(year, month, day) * SECONDS_A_DAY + hour * 3600L + minute * 60L + second;
        int zone = from + SECONDS_END;
        int rest = 0;
        if (fraction && in.get(zone) == '.') {
            int digits = zone + 1;
            for (zone = digits; zone < to && in.get(zone) >= '0' && in.get(zone) <= '9'; zone++) {
                rest |= in.get(zone) - '0';
            }
            if (zone == digits) {
                return ParameterGrammar.MALFORMED;
            }
        }
        return inUtc(in, zone, to, local, second == 60, rest == 0 ? 0 : 1);
    }

    private static long inUtc(ByteBuffer in, int zone, int to, long local, boolean leap, int rest) {
        long time;
        int sign = zone < to ? in.get(zone) : 0;
        if (to - zone == 1 && (sign & 0xdf) == 'Z') {
            time = local;
        } else if (to - zone == 6 && (sign == '+' || sign == '-') && in.get(zone + 3) == ':') {
            int hour = twoDigits(in, zone + 1);
            int minute = twoDigits(in, zone + 4);
            if ((hour | minute) < 0 || hour > 23 || minute > 59) {
                return ParameterGrammar.MALFORMED;
            }
            int offset = hour * 3600 + minute * 60;
            time = sign == '+' ? local - offset : local + offset;
        } else {
            return ParameterGrammar.MALFORMED;
        }
        // A leap second ends a day of UTC, and here is the first of the next day. RFC 3339 §5.7.
        boolean outOfPlace = leap && Math.floorMod(time, SECONDS_A_DAY) != 0;
        time += rest;
        return outOfPlace || time < FIRST || time > LAST ? ParameterGrammar.MALFORMED : time;
    }

    private static int twoDigits(ByteBuffer in, int at) {
        int tens = in.get(at) - '0';
        int ones = in.get(at + 1) - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    private static int daysOf(int month, int year) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** Counts years from March, so that the day that comes and goes is the last one. */
    private static long daysSince1970(int year, int month, int day) {
        int marchYear = month > 2 ? year : year - 1;
        int marchMonth = month > 2 ? month - 3 : month + 9;
        int leapDays = Math.floorDiv(marchYear, 4) - Math.floorDiv(marchYear, 100) + Math.floorDiv(marchYear, 400);
        return marchYear * 365L + leapDays + (153L * marchMonth + 2) / 5 + day - 719_469;
    }
}

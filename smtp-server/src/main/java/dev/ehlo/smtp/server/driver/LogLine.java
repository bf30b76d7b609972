package dev.ehlo.smtp.server.driver;

import java.net.InetSocketAddress;

/**
 * A line of a log as {@code key=value key=value}, which programs read as well as people. A value that is not a plain word
 * stands in quotation marks. Whatever it holds, it is printable ASCII, of bounded length, and ends neither its quotes nor
 * the line: all else is written as {@code \}{@code uXXXX}, and a quotation mark and a backslash behind a backslash.
 */
final class LogLine {
    /** Characters of a value that are shown, before they are escaped; what is longer ends in three dots. */
    static final int MAX_VALUE = 320;

    private static final String HEX = "0123456789ABCDEF";
    private static final int LINE = 256;

    private final StringBuilder line = new StringBuilder(LINE);

    private StringBuilder key(String key) {
        return (line.length() == 0 ? line : line.append(' ')).append(key).append('=');
    }

    LogLine put(String key, long value) {
        key(key).append(value);
        return this;
    }

    /** Seconds, to the microsecond. */
    LogLine seconds(String key, long nanos) {
        long micros = Math.max(0, nanos) / 1000;
        key(key).append(micros / 1_000_000).append('.');
        for (long digit = 100_000; digit > 0; digit /= 10) {
            line.append((char) ('0' + micros / digit % 10));
        }
        return this;
    }

    /** An address in figures alone: one that was asked for its name would tell that too, as DNS has it. */
    LogLine put(String key, InetSocketAddress address) {
        key(key).append(address.getAddress().getHostAddress()).append(':').append(address.getPort());
        return this;
    }

    /** Text of whatever origin. */
    LogLine put(String key, String value) {
        key(key);
        int length = Math.min(value.length(), MAX_VALUE);
        boolean quoted = !isWord(value, length);
        if (quoted) {
            line.append('"');
        }
        for (int i = 0; i < length; i++) {
            escape(value.charAt(i));
        }
        if (length < value.length()) {
            line.append("...");
        }
        if (quoted) {
            line.append('"');
        }
        return this;
    }

    private static boolean isWord(String value, int length) {
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '"' || c == '=') {
                return false;
            }
        }
        return length > 0;
    }

    private void escape(char c) {
        if (c == '\\' || c == '"') {
            line.append('\\').append(c);
        } else if (c >= ' ' && c < 0x7F) {
            line.append(c);
        } else {
            line.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                line.append(HEX.charAt(c >> shift & 0xF));
            }
        }
    }

    @Override
    public String toString() {
        return line.toString();
    }
}

package dev.ehlo.smtp.mta;

import java.time.Duration;

/** Numbers with a unit, as they are typed. */
final class Amount {
    private Amount() {}

    /**
     * Octets: {@code 4096}, {@code 4k} or {@code 1m}, of 1024 each.
     *
     * @throws IllegalArgumentException if the text says none, or more than {@code most}
     */
    static int octets(String text, int most) {
        long octets = -1;
        if (text.matches("[0-9]{1,10}[kKmM]?")) {
            octets = switch (text.charAt(text.length() - 1)) {
                case 'k', 'K' -> number(text) << 10;
                case 'm', 'M' -> number(text) << 20;
                default -> Long.parseLong(text);
            };
        }
        if (octets < 0 || octets > most) {
            throw new IllegalArgumentException("not a size such as 4096, 4k or 1m, up to " + most + ": " + text);
        }
        return (int) octets;
    }

    /**
     * A time: {@code 30s}, {@code 5m}, {@code 1h} or {@code 2d}.
     *
     * @throws IllegalArgumentException if the text says none
     */
    static Duration time(String text) {
        if (!text.matches("[0-9]{1,6}[smhd]") || number(text) == 0) {
            throw new IllegalArgumentException("not a time such as 30s, 5m, 1h or 2d: " + text);
        }
        return switch (text.charAt(text.length() - 1)) {
            case 's' -> Duration.ofSeconds(number(text));
            case 'm' -> Duration.ofMinutes(number(text));
            case 'h' -> Duration.ofHours(number(text));
            default -> Duration.ofDays(number(text));
        };
    }

    /** Without the unit behind it. */
    private static long number(String text) {
        return Long.parseLong(text.substring(0, text.length() - 1));
    }
}

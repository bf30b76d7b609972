package dev.ehlo.smtp.testkit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the lines of a {@link Transcript}. */
final class TranscriptParser {
    private TranscriptParser() {}

    static List<Step> parse(String name, String text) {
        List<Step> steps = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\r?\n", -1)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                steps.add(step(number, line));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + ':' + number + ": " + e.getMessage(), e);
            }
        }
        return List.copyOf(steps);
    }

    private static Step step(int number, String line) {
        if (line.equals("-- starttls")) {
            return new Step.StartTls(number);
        }
        if (line.length() < 2) {
            throw unknown(line);
        }
        Side side = switch (line.charAt(0)) {
            case 'C' -> Side.CLIENT;
            case 'S' -> Side.SERVER;
            default -> throw unknown(line);
        };
        String rest = line.substring(2);
        String text = rest.startsWith(" ") ? rest.substring(1) : rest;
        return switch (line.charAt(1)) {
            case ':' -> new Step.Line(number, side, text);
            case '>' -> new Step.Raw(number, side, text);
            case '=' -> {
                if (!text.equals("closed")) {
                    throw unknown(line);
                }
                yield new Step.Closed(number, side);
            }
            default -> throw unknown(line);
        };
    }

    private static IllegalArgumentException unknown(String line) {
        return new IllegalArgumentException("a line begins with C: S: C> S> or #, or is C= closed, S= closed or"
                + " -- starttls, not " + Escapes.escape(line.getBytes(StandardCharsets.UTF_8)));
    }
}

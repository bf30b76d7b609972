package dev.ehlo.smtp.mta.check;

import java.io.PrintWriter;

/** Lines for a terminal, or for a file, no wider than one where words allow: a label, and words beside it. */
final class Page {
    private static final int COLUMNS = 80;
    private static final int LABEL = 11;
    private static final String RESET = "\u001b[0m";

    private final PrintWriter out;
    private final boolean isColoured;

    /** How words stand out on a terminal. */
    enum Tone {
        PLAIN(""),
        BOLD("\u001b[1m"),
        GOOD("\u001b[32m"),
        BAD("\u001b[1;31m"),
        ADVICE("\u001b[33m");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    Page(PrintWriter out, boolean isColoured) {
        this.out = out;
        this.isColoured = isColoured;
    }

    void head(String text) {
        out.println(toned(Tone.BOLD, text));
    }

    void blank() {
        out.println();
    }

    /** A label, and words beside it, or below it where they are many. */
    void row(String label, Tone tone, String text) {
        wrapped("  " + label + " ".repeat(Math.max(1, LABEL - label.length())), tone, text, tone == Tone.PLAIN);
    }

    /** Words behind a word that stands out. */
    void verdict(Tone tone, String word, String text) {
        wrapped(word + ' ', tone, text, false);
    }

    private void wrapped(String label, Tone tone, String text, boolean isLabelPlain) {
        boolean isVerdict = !label.startsWith(" ");
        int indent = label.length();
        StringBuilder line = new StringBuilder(isVerdict && !isLabelPlain ? toned(tone, label) : label);
        int width = indent;
        int words = 0;
        for (String word : text.split(" ", -1)) {
            if (words > 0 && width + 1 + word.length() > COLUMNS) {
                out.println(line);
                line = new StringBuilder(" ".repeat(indent));
                width = indent;
                words = 0;
            }
            String shown = isVerdict ? word : toned(tone, word);
            line.append(words++ > 0 ? " " : "").append(shown);
            width += word.length() + (words > 1 ? 1 : 0);
        }
        out.println(line);
    }

    private String toned(Tone tone, String text) {
        return isColoured && tone != Tone.PLAIN ? tone.code + text + RESET : text;
    }
}

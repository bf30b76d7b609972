package dev.ehlo.smtp.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run came to.
 *
 * @param name of what was tried
 * @param figures in words
 * @param broken what must not be, on a busy machine neither
 * @param slow what must not be on a quiet one
 */
record Finding(String name, String figures, List<String> broken, List<String> slow) {
    Finding {
        broken = List.copyOf(broken);
        slow = List.copyOf(slow);
    }

    /** A row of a Markdown table. */
    String row() {
        List<String> wrong = new ArrayList<>(broken);
        wrong.addAll(slow);
        return "| " + name + " | " + figures + " | " + (wrong.isEmpty() ? "holds" : String.join("; ", wrong)) + " |";
    }

    /** Collects what does not hold. */
    static final class Checks {
        private final List<String> broken = new ArrayList<>();
        private final List<String> slow = new ArrayList<>();

        void holds(boolean holds, String otherwise) {
            if (!holds) {
                broken.add(otherwise);
            }
        }

        void isQuick(boolean holds, String otherwise) {
            if (!holds) {
                slow.add(otherwise);
            }
        }

        Finding finding(String name, String figures) {
            return new Finding(name, figures, broken, slow);
        }
    }
}

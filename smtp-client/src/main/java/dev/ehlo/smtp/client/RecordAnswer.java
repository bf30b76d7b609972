package dev.ehlo.smtp.client;

import java.util.List;

/** What DNS says to one question, as text. */
public sealed interface RecordAnswer {
    /**
     * These records.
     *
     * @param values one at least: of TXT the strings joined, their octets as ISO 8859-1; else as in a zone file, names
     *     without a dot at the end. As DNS gave them, so escape them where they are shown
     * @param isSecure whether DNSSEC proves them
     */
    record Records(List<String> values, boolean isSecure) implements RecordAnswer {
        /**
         * Copies the list.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Records {
            values = List.copyOf(values);
            if (values.isEmpty()) {
                throw new IllegalArgumentException("no record");
            }
        }
    }

    /** There is no such record, or no such name. */
    record None() implements RecordAnswer {}

    /**
     * DNS does not know at the moment, or the answer is forged.
     *
     * @param reason why, in a few words and printable
     */
    record Failed(String reason) implements RecordAnswer {}

    /** The records, none if there are none or DNS does not know. */
    default List<String> orNone() {
        return this instanceof Records records ? records.values() : List.of();
    }
}

package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** On what a sender wants to hear of a recipient, as NOTIFY tells. RFC 3461 §4.1. */
@SuppressWarnings("EnumOrdinal") // the grammar counts the bits of a set by it
public enum DsnNotify {
    /** On nothing; it stands alone. */
    NEVER,
    /** On delivery. */
    SUCCESS,
    /** On failure. */
    FAILURE,
    /** On delay. */
    DELAY;

    /**
     * The set that the value of NOTIFY says, in letters of either case: {@code SUCCESS,DELAY}.
     *
     * @return unmodifiable, never empty, in the order of this enum
     * @throws IllegalArgumentException if it says none, or NEVER and something else
     */
    public static Set<DsnNotify> parse(String text) {
        long bits = ParameterGrammar.require(EsmtpKeyword.NOTIFY, text);
        EnumSet<DsnNotify> set = EnumSet.noneOf(DsnNotify.class);
        DsnNotify[] all = values();
        for (int i = 0; i < all.length; i++) {
            if ((bits >> i & 1) != 0) {
                set.add(all[i]);
            }
        }
        return Collections.unmodifiableSet(set);
    }

    /**
     * The set as on the wire, in the order of this enum.
     *
     * @throws IllegalArgumentException if it is empty, or NEVER and something else
     */
    public static String format(Collection<DsnNotify> notifications) {
        String text =
                notifications.stream().distinct().sorted().map(DsnNotify::name).collect(Collectors.joining(","));
        ParameterGrammar.require(EsmtpKeyword.NOTIFY, text);
        return text;
    }
}

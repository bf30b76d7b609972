package dev.ehlo.smtp.server;

import java.util.List;

/**
 * What a server was short of when it last looked.
 *
 * @param shedding what it refuses therefore
 * @param readings one for each {@link Pressure}
 */
public record Strain(Shedding shedding, List<Reading> readings) {
    /** None, of a server that has not looked yet. */
    public static final Strain NONE = new Strain(Shedding.NOTHING, List.of());

    /**
     * Of one {@link Pressure}.
     *
     * @param name of what
     * @param load how much is taken, from 0 to 1
     * @param shedding what that alone would have refused
     */
    public record Reading(String name, double load, Shedding shedding) {}

    /** Copies the list. */
    public Strain {
        readings = List.copyOf(readings);
    }
}

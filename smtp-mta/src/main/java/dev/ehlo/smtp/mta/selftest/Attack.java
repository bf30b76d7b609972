package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;

/**
 * One attack, to be tried by each entrance where it can be.
 *
 * @param id its letter and number in the list of threats
 * @param name what is tried
 * @param proof what has to be seen for the server to have held
 * @param where by which entrances it can be tried
 * @param pace which of the servers it is for
 * @param assault the deed
 */
public record Attack(String id, String name, String proof, Where where, Pace pace, Assault assault) {
    /** Which server is attacked: they differ in their clock and in whom they trust, and in nothing else. */
    public enum Pace {
        /** The server as it was configured. */
        AS_CONFIGURED,
        /** With all time limits shorter by one factor, for attacks that take their time. */
        HURRIED,
        /** As hurried, and with the attacker's network trusted as a proxy. */
        PROXIED
    }

    /** The deed of an attack. */
    @FunctionalInterface
    public interface Assault {
        /**
         * Tries it; returns if the server held.
         *
         * @throws IOException if the connection ended where the server had to go on
         * @throws Broken if it did not hold
         */
        void on(Target target) throws IOException;
    }

    static Attack of(String id, String name, Where where, String proof, Assault assault) {
        return new Attack(id, name, proof, where, Pace.AS_CONFIGURED, assault);
    }

    /** This attack on another server. */
    Attack at(Pace other) {
        return new Attack(id, name, proof, where, other, assault);
    }
}

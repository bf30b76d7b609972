package dev.ehlo.smtp.mta.selftest;

/**
 * What came of an attack by one entrance.
 *
 * @param attack what was tried
 * @param entrance by which way
 * @param outcome whether the server held
 * @param seen what was seen if it did not, or why the attack could not be tried; escaped, empty if it held
 * @param seconds it took
 */
public record Verdict(Attack attack, Entrance entrance, Outcome outcome, String seen, double seconds) {
    /** Whether a server held. */
    public enum Outcome {
        /** It did, by the attack's proof. */
        HELD,
        /** It did not. */
        BROKEN,
        /** There is nothing there to be attacked so. */
        NOT_APPLICABLE
    }
}

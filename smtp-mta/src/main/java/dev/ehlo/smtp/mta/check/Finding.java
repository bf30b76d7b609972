package dev.ehlo.smtp.mta.check;

/**
 * One thing to be mended, or to know.
 *
 * @param isWrong whether mail or logins fail by it, or a policy is broken; else it is advice
 * @param where it is: a domain, a host, or host and port; printable
 * @param what is wrong, in words; printable
 * @param remedy what to do
 */
public record Finding(Problem problem, boolean isWrong, String where, String what, String remedy) {
    static Finding wrong(Problem problem, String where, String what, String remedy) {
        return new Finding(problem, true, where, what, remedy);
    }

    static Finding advice(Problem problem, String where, String what, String remedy) {
        return new Finding(problem, false, where, what, remedy);
    }

    /** The same elsewhere. */
    Finding at(String other) {
        return new Finding(problem, isWrong, other, what, remedy);
    }

    /** Whether both say the same, wherever. */
    boolean isLike(Finding other) {
        return problem == other.problem
                && isWrong == other.isWrong
                && what.equals(other.what)
                && remedy.equals(other.remedy);
    }

    /** In one sentence. */
    public String sentence() {
        return where + ": " + what + "; " + remedy + '.';
    }
}

package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tries to log in, by PLAIN or by a SCRAM without a channel binding whose proof is nonsense: for who knows no password it
 * is as good as any, and costs the client nothing.
 */
final class Login extends Dialogue {
    private static final int PROOF_OCTETS = 32;
    private static final int NONCE_OCTETS = 18;

    /** What is told of each try; on the client's loop. */
    interface Told {
        /**
         * How it ended.
         *
         * @param code of the last reply to it; 0 for none
         * @param nanos from AUTH on
         */
        void answered(int code, long nanos);
    }

    private final Mechanism mechanism;
    private final Credentials credentials;
    private final Told told;
    private int tries;
    /** Whether something is to be told yet. */
    private boolean open = true;

    private boolean proved;
    private long begun;

    /** @param tries how often, one after the other, unless the server ends it earlier or lets it in */
    Login(Mechanism mechanism, Credentials credentials, int tries, Told told) {
        this.mechanism = mechanism;
        this.credentials = credentials;
        this.tries = tries;
        this.told = told;
        this.begun = System.nanoTime();
    }

    @Override
    void begin(Connection connection) {
        if (tries == 0) {
            say(connection, "QUIT");
            return;
        }
        tries--;
        open = true;
        proved = false;
        begun = System.nanoTime();
        String first = mechanism == Mechanism.PLAIN
                ? "\0" + credentials.name() + '\0' + credentials.password()
                : "n,,n=" + credentials.name() + ",r=" + random(NONCE_OCTETS);
        say(connection, "AUTH " + mechanism.saslName() + ' ' + base64(first));
    }

    @Override
    void replied(Connection connection, int code, String lastLine) {
        if (code == 334) {
            // What comes behind the proof is the reason of a failure, to which the client has nothing to say.
            say(connection, proved ? "" : base64(proof(lastLine.substring(4))));
            proved = true;
        } else if (open) {
            open = false;
            told.answered(code, System.nanoTime() - begun);
            tries = code == 535 || code == 454 ? tries : 0;
            begin(connection);
        }
    }

    /** RFC 5802 §7: the nonce of both, the header of no binding, and what should follow from the password. */
    private static String proof(String challenge) {
        String first = new String(Base64.getDecoder().decode(challenge), StandardCharsets.UTF_8);
        return "c=biws," + first.substring(0, first.indexOf(',')) + ",p=" + random(PROOF_OCTETS);
    }

    private static String random(int octets) {
        byte[] random = new byte[octets];
        ThreadLocalRandom.current().nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    void refused(int code) {
        tries = 0;
        open = false;
        told.answered(code, System.nanoTime() - begun);
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        if (open) {
            open = false;
            told.answered(0, System.nanoTime() - begun);
        }
        super.closed(connection, cause);
    }
}

package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslName;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.sasl.ScramHash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The SCRAM family: each side proves to the other that it knows the password, and neither says it. RFC 5802 §3, §5,
 * RFC 7677.
 *
 *     NEW → GREETED ─ salt, iterations → (COMPUTING →) PROVEN ─ right signature → VERIFIED
 *              └ anything else → give up                  └ e=, wrong signature → REFUSED
 */
public final class ScramExchange implements SaslExchange {
    private enum State {
        NEW,
        GREETED,
        COMPUTING,
        PROVEN,
        VERIFIED,
        REFUSED
    }

    private final ScramHash hash;
    private final ScramPassword password;
    private final ScramBinding binding;
    private final String nonce;
    private final String clientFirstBare;
    private State state = State.NEW;
    private @Nullable ScramChallenge challenge;
    private byte @Nullable [] serverSignature;

    /**
     * An exchange at its beginning.
     *
     * @param user prepared by {@link SaslPrep}
     * @param nonce printable ASCII without commas, never used before
     */
    public ScramExchange(ScramHash hash, String user, ScramPassword password, ScramBinding binding, String nonce) {
        this.hash = hash;
        this.password = password;
        this.binding = binding;
        this.nonce = nonce;
        this.clientFirstBare = "n=" + SaslName.escape(user) + ",r=" + nonce;
    }

    @Override
    public SaslStep begin() {
        state = State.GREETED;
        return new SaslStep.Say(Octets.utf8(binding.header() + clientFirstBare));
    }

    @Override
    public SaslStep answer(byte[] octets) {
        return switch (state) {
            case GREETED -> challenged(octets);
            case PROVEN -> signed(new String(octets, StandardCharsets.UTF_8));
            case NEW, COMPUTING, VERIFIED, REFUSED -> new SaslStep.GiveUp("another challenge in SCRAM");
        };
    }

    private SaslStep challenged(byte[] octets) {
        if (octets.length > 1 && octets[0] == 'e' && octets[1] == '=') {
            return new SaslStep.Say(new byte[0]); // the server's refusal follows
        }
        ScramChallenge taken;
        try {
            taken = ScramChallenge.parse(octets, nonce);
        } catch (ScramChallenge.Unacceptable e) {
            state = State.REFUSED;
            return new SaslStep.GiveUp(e.why());
        }
        challenge = taken;
        byte[] known = password.known(hash, taken.salt, taken.iterations);
        if (known != null) {
            return prove(taken, known);
        }
        state = State.COMPUTING;
        return new SaslStep.Ask(
                () -> CompletableFuture.completedStage(password.salted(hash, taken.salt, taken.iterations)));
    }

    @Override
    public SaslStep answered(byte @Nullable [] saltedPassword) {
        ScramChallenge taken = challenge;
        if (state != State.COMPUTING || taken == null) {
            throw new IllegalStateException(state.name());
        }
        if (saltedPassword == null) {
            state = State.REFUSED;
            return new SaslStep.GiveUp("the proof of the password can't be made");
        }
        return prove(taken, saltedPassword);
    }

    private SaslStep prove(ScramChallenge taken, byte[] saltedPassword) {
        String withoutProof = "c=" + base64(binding.input()) + ",r=" + taken.nonce;
        byte[] authMessage = Octets.utf8(clientFirstBare + ',' + taken.text + ',' + withoutProof);
        byte[] clientKey = hash.hmac(saltedPassword, Octets.utf8("Client Key"));
        byte[] proof = hash.hmac(hash.hash(clientKey), authMessage);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= clientKey[i];
        }
        byte[] serverKey = hash.hmac(saltedPassword, Octets.utf8("Server Key"));
        serverSignature = hash.hmac(serverKey, authMessage);
        state = State.PROVEN;
        return new SaslStep.Say(Octets.utf8(withoutProof + ",p=" + base64(proof)));
    }

    private SaslStep signed(String text) {
        state = State.REFUSED;
        if (text.startsWith("e=")) {
            // The server's refusal follows. RFC 5802 §5.1.
            return new SaslStep.Say(new byte[0]);
        }
        String verifier = text.split(",", 2)[0];
        byte[] claimed = verifier.startsWith("v=")
                ? ScramChallenge.base64(verifier.substring(2)).orElse(new byte[0])
                : new byte[0];
        if (!MessageDigest.isEqual(claimed, serverSignature)) {
            return new SaslStep.GiveUp("it does not know the password itself");
        }
        state = State.VERIFIED;
        return new SaslStep.Say(new byte[0]);
    }

    @Override
    public boolean isComplete() {
        return state == State.VERIFIED;
    }

    @Override
    public boolean isBindingInQuestion() {
        return state == State.GREETED && binding.isBound();
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}

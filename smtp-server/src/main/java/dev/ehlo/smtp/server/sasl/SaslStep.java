package dev.ehlo.smtp.server.sasl;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;

/** What a {@link SaslExchange} wants next. */
public sealed interface SaslStep {
    /** It is over: the authenticator does not let the client in, or the client has broken a rule that guards it. */
    SaslStep REFUSED = new Refused();

    /** It is over: what the client said is none of the mechanism's. */
    SaslStep MALFORMED = new Malformed();

    /** These octets go to the client, as they are before base64; there may be none. */
    final class Challenge implements SaslStep {
        private final byte[] message;
        private final boolean isDenial;

        private Challenge(byte[] message, boolean isDenial) {
            this.message = message.clone();
            this.isDenial = isDenial;
        }

        static Challenge of(byte[] message) {
            return new Challenge(message, false);
        }

        /** As {@link #of}, of a refusal: the exchange is over, and whatever the client says to it is answered as such. */
        static Challenge denying(byte[] message) {
            return new Challenge(message, true);
        }

        /** A copy of the octets. */
        public byte[] message() {
            return message.clone();
        }

        /** Whether the client is not let in, and the exchange not told what it says to that. */
        public boolean isDenial() {
            return isDenial;
        }
    }

    /**
     * The authenticator has to be asked, where that may block; what it throws is for another time.
     *
     * @param question what to call, off the loop
     * @param answered what follows of the answer, on the loop
     * @param isTry whether the answer tells if the client is who it says: who guesses may not have it
     */
    record Ask<T>(Callable<T> question, Function<T, SaslStep> answered, boolean isTry) implements SaslStep {
        /** For who the client is, as it has shown by now; empty for nobody. */
        static Ask<Optional<String>> whoItIs(Callable<Optional<String>> question, SaslStep otherwise) {
            return new Ask<>(
                    question, identity -> identity.<SaslStep>map(Accepted::new).orElse(otherwise), true);
        }
    }

    /** It is over, and the client is that one. */
    record Accepted(String identity) implements SaslStep {}

    /** As {@link #REFUSED}. */
    record Refused() implements SaslStep {}

    /** As {@link #MALFORMED}. */
    record Malformed() implements SaslStep {}
}

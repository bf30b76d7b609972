package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** One exchange, whose questions are answered on the spot; what comes of it in words. */
final class Talk implements SaslChannel {
    static final String NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    private final List<ChannelBinding> bindings;
    private final List<X509Certificate> certificates;
    final SaslExchange exchange;

    Talk(Authenticator logins, Mechanism mechanism, String nonce, List<ChannelBinding> bindings) {
        this(logins, mechanism, nonce, bindings, List.of());
    }

    Talk(
            Authenticator logins,
            Mechanism mechanism,
            String nonce,
            List<ChannelBinding> bindings,
            List<X509Certificate> certificates) {
        this.bindings = bindings;
        this.certificates = certificates;
        byte[] secret = "the secret of the house".getBytes(StandardCharsets.US_ASCII);
        SaslExchange begun = new SaslMechanisms(logins, "mx.example.org", secret, () -> nonce).begin(mechanism, this);
        if (begun == null) {
            throw new AssertionError(mechanism + " is not offered");
        }
        exchange = begun;
    }

    /** What the server says first. */
    String listen() {
        return words(exchange.begin());
    }

    /** A challenge as it is, {@code denied: } and a challenge, or {@code accepted: } and who, refused, malformed, failed. */
    String say(String message) {
        return words(exchange.take(message.getBytes(StandardCharsets.UTF_8)));
    }

    private String words(SaslStep step) {
        if (step instanceof SaslStep.Ask<?> ask) {
            return answered(ask);
        }
        if (step instanceof SaslStep.Challenge challenge) {
            String text = new String(challenge.message(), StandardCharsets.UTF_8);
            return challenge.isDenial() ? "denied: " + text : text;
        }
        if (step instanceof SaslStep.Accepted accepted) {
            return "accepted: " + accepted.identity();
        }
        return step instanceof SaslStep.Refused ? "refused" : "malformed";
    }

    private <T> String answered(SaslStep.Ask<T> ask) {
        T answer;
        try {
            answer = ask.question().call();
        } catch (Exception e) {
            return "failed";
        }
        return words(ask.answered().apply(answer));
    }

    @Override
    public boolean isBindable() {
        return !bindings.isEmpty();
    }

    @Override
    public Optional<ChannelBinding> binding(String type) {
        return bindings.stream().filter(each -> each.type().equals(type)).findFirst();
    }

    @Override
    public List<X509Certificate> certificates() {
        return certificates;
    }
}

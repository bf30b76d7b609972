package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslName;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER and XOAUTH2: a token, which is asked for when the exchange begins, and once more after the server has
 * refused the first. RFC 7628 §3.1, §3.2.3.
 */
public final class TokenExchange implements SaslExchange {
    private static final char SEPARATOR = 1;

    private final Form form;
    private final Function<Optional<String>, CompletionStage<String>> tokens;
    private final @Nullable String refused;
    private @Nullable String token;
    private boolean failed;

    /** What the two differ in. */
    interface Form {
        String message(String token);

        /** What is said to the server's account of an error, so that it can go on to refuse. */
        byte[] afterError();
    }

    private TokenExchange(
            Form form, Function<Optional<String>, CompletionStage<String>> tokens, @Nullable String refused) {
        this.form = form;
        this.tokens = tokens;
        this.refused = refused;
    }

    /**
     * That of RFC 7628 §3.1.
     *
     * @param tokens is given the token that was refused, if one was
     */
    public static TokenExchange oauthBearer(
            String user, String host, int port, Function<Optional<String>, CompletionStage<String>> tokens) {
        String head = "n,a=" + SaslName.escape(user) + ',' + SEPARATOR + "host=" + host + SEPARATOR + "port=" + port;
        return new TokenExchange(
                new Form() {
                    @Override
                    public String message(String token) {
                        return head + SEPARATOR + "auth=Bearer " + token + SEPARATOR + SEPARATOR;
                    }

                    @Override
                    public byte[] afterError() {
                        return new byte[] {SEPARATOR};
                    }
                },
                tokens,
                null);
    }

    /**
     * The one before it, which Google and Microsoft speak.
     *
     * @param tokens as for {@link #oauthBearer}
     */
    public static TokenExchange xoauth2(String user, Function<Optional<String>, CompletionStage<String>> tokens) {
        return new TokenExchange(
                new Form() {
                    @Override
                    public String message(String token) {
                        return "user=" + user + SEPARATOR + "auth=Bearer " + token + SEPARATOR + SEPARATOR;
                    }

                    @Override
                    public byte[] afterError() {
                        return new byte[0];
                    }
                },
                tokens,
                null);
    }

    @Override
    public SaslStep begin() {
        return new SaslStep.Ask(
                () -> tokens.apply(Optional.ofNullable(refused)).thenApply(t -> t.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public SaslStep answered(byte @Nullable [] octets) {
        if (octets == null) {
            return new SaslStep.GiveUp("there is no access token to be had");
        }
        String given = new String(octets, StandardCharsets.UTF_8);
        if (!isToken(given)) {
            return new SaslStep.GiveUp("what was given for an access token is none");
        }
        if (given.equals(refused)) {
            return new SaslStep.GiveUp("there is no other access token to be had");
        }
        token = given;
        return new SaslStep.Say(Octets.utf8(form.message(given)));
    }

    /** Printable ASCII without blanks, as every token is; what else there may be would end it early. RFC 6750 §2.1. */
    private static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    /** The error of RFC 7628 §3.2.2, to which the client has nothing to say, and the server's refusal follows. */
    @Override
    public SaslStep answer(byte[] challenge) {
        if (failed) {
            return new SaslStep.GiveUp("another challenge after an error");
        }
        failed = true;
        return new SaslStep.Say(form.afterError());
    }

    @Override
    public boolean isComplete() {
        return token != null && !failed;
    }

    @Override
    public @Nullable SaslExchange again() {
        return token == null || refused != null ? null : new TokenExchange(form, tokens, token);
    }
}

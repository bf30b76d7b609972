package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The SCRAM family: each side proves to the other that it knows the password, and neither says it. RFC 5802 §3, §5, §6,
 * RFC 7677 §3.
 *
 * <pre>
 *     OPENING ─ client-first → asked ─ salt, iterations → PROOF ─ proof → asked ─ right → SIGNED ─ nothing → accepted
 *        └─ breaks a rule of binding, acts for another → refused    └─ of another exchange, wrong → refused
 * </pre>
 */
final class ScramExchange implements SaslExchange {
    private enum Awaiting {
        OPENING,
        PROOF,
        SIGNED
    }

    /** What the server has to know, asked where it may block. */
    interface Book {
        /** What is kept of the passwords of that login, or what looks like it for a login that does not exist. */
        ScramCredential credential(String login) throws IOException;

        /** Printable ASCII without commas, never used before. */
        String nonce();
    }

    /** Asked at once. */
    private record Answer(ScramCredential credential, String nonce) {}

    private final Mechanism mechanism;
    private final ScramHash hash;
    private final SaslChannel channel;
    private final Book book;
    private Awaiting awaiting = Awaiting.OPENING;
    private @Nullable ScramOpening opening;
    private String binding = "";
    private @Nullable Answer answer;
    private String serverFirst = "";

    ScramExchange(Mechanism mechanism, SaslChannel channel, Book book) {
        this.mechanism = mechanism;
        this.hash = Objects.requireNonNull(ScramHash.of(mechanism));
        this.channel = channel;
        this.book = book;
    }

    @Override
    public SaslStep begin() {
        return SaslStep.Challenge.of(new byte[0]);
    }

    @Override
    public SaslStep take(byte[] message) {
        String text = SaslText.of(message);
        if (text == null) {
            return SaslStep.MALFORMED;
        }
        return switch (awaiting) {
            case OPENING -> ScramOpening.parse(text).map(this::open).orElse(SaslStep.MALFORMED);
            case PROOF -> ScramProof.parse(text).map(this::check).orElse(SaslStep.MALFORMED);
            case SIGNED -> text.isEmpty() ? new SaslStep.Accepted(credential().identity()) : SaslStep.MALFORMED;
        };
    }

    private SaslStep open(ScramOpening given) {
        opening = given;
        Optional<String> login = SaslText.login(given.login());
        Optional<byte[]> bound = bound(given);
        if (login.isEmpty() || bound.isEmpty() || !isOneself(given, login.get())) {
            return SaslStep.REFUSED;
        }
        byte[] header = Octets.utf8(given.header());
        byte[] input = Arrays.copyOf(header, header.length + bound.get().length);
        System.arraycopy(bound.get(), 0, input, header.length, bound.get().length);
        binding = base64(input);
        return new SaslStep.Ask<>(
                () -> new Answer(book.credential(login.get()), given.nonce() + book.nonce()), this::challenge, false);
    }

    /** Nobody acts for another here. */
    private static boolean isOneself(ScramOpening given, String login) {
        return given.authorizationId().isEmpty()
                || SaslText.login(given.authorizationId()).equals(Optional.of(login));
    }

    /**
     * What the client binds to; nothing where it does not; empty where it has to, where there is no such binding, and
     * where it says that it could and was not offered it, though it was: somebody between has taken that away. RFC 5802
     * §6.
     */
    private Optional<byte[]> bound(ScramOpening given) {
        String type = given.bindingType();
        if (mechanism.isBound()) {
            return type == null ? Optional.empty() : channel.binding(type).map(ChannelBinding::data);
        }
        boolean isDowngraded = given.couldBind() && channel.isBindable();
        return type == null && !isDowngraded ? Optional.of(new byte[0]) : Optional.empty();
    }

    private SaslStep challenge(Answer known) {
        answer = known;
        awaiting = Awaiting.PROOF;
        serverFirst = "r=" + known.nonce()
                + ",s=" + base64(known.credential().salt())
                + ",i=" + known.credential().iterations();
        return SaslStep.Challenge.of(Octets.utf8(serverFirst));
    }

    private SaslStep check(ScramProof proof) {
        if (!proof.isAbout(binding, Objects.requireNonNull(answer).nonce())) {
            return SaslStep.REFUSED;
        }
        byte[] authMessage =
                Octets.utf8(Objects.requireNonNull(opening).bare() + ',' + serverFirst + ',' + proof.withoutProof());
        return new SaslStep.Ask<>(
                () -> signature(proof, authMessage),
                signature -> signature.map(this::sign).orElse(SaslStep.REFUSED),
                true);
    }

    /** By the key of the password that the proof is made by; all are tried, as long as it takes. */
    private Optional<String> signature(ScramProof proof, byte[] authMessage) {
        ScramKey proved = null;
        for (ScramKey key : credential().keys()) {
            if (proof.isOf(key, hash, authMessage)) {
                proved = key;
            }
        }
        return Optional.ofNullable(proved).map(key -> base64(hash.hmac(key.serverKey(), authMessage)));
    }

    /** What the server has to say at the end is a challenge, which the client answers with nothing. RFC 4954 §4. */
    private SaslStep sign(String signature) {
        awaiting = Awaiting.SIGNED;
        return SaslStep.Challenge.of(Octets.utf8("v=" + signature));
    }

    private ScramCredential credential() {
        return Objects.requireNonNull(answer).credential();
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }

    @Override
    public String login() {
        ScramOpening given = opening;
        return given == null ? "" : given.login();
    }
}

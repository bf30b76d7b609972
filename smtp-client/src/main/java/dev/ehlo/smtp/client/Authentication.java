package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.sasl.SaslExchange;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.client.sasl.ScramBinding;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The AUTH dialogue of one session: which mechanism, the lines that are said, and what each reply leads to.
 *
 *     begin → AUTH ─ 334 → SASL ─ 334 → SASL … ─ 2yz, if the exchange is complete → mail
 *               ↑            └─ * ─ any ────────────────────────────────────────────→ not served
 *               └── 504: the next mechanism; a token refused: another token ── any other ↗
 *
 * Where the exchange asks for something that takes its time, there is no line to say until it is answered. RFC 4954 §4,
 * §6.
 */
final class Authentication {
    /** Of one exchange; no mechanism here answers more than three. */
    static final int MAX_CHALLENGES = 8;

    /** Octets of a command line, with an initial response or without. RFC 5321 §4.5.3.1.4, RFC 4954 §4. */
    static final int MAX_COMMAND_LINE = 512;

    private static final String CANCEL = "*";

    private final Login login;
    private final boolean secured;
    private final Set<String> offered;
    private final Optional<ChannelBinding> binding;
    private final Deque<Mechanism> candidates = new ArrayDeque<>();

    private @Nullable Mechanism mechanism;
    private @Nullable SaslExchange exchange;
    private int challenges;
    /** The next line without its end; null while there is none to say. */
    private @Nullable String line;
    /** The same for a listener. */
    private String shown = "";
    /** The initial response that the command had no room for. */
    private @Nullable String withheld;

    private SaslStep.@Nullable Ask question;
    private boolean questionTaken;
    /** Why this side has ended the exchange, once it has. */
    private @Nullable Reply givenUp;
    /** What the server said to the mechanism, or the token, before this one. */
    private @Nullable Reply refusal;

    /**
     * A dialogue at its beginning.
     *
     * @param secured whether the session is under TLS
     * @param offered by the server, in upper case
     * @param binding made only where SCRAM is on offer; gives none in clear
     */
    Authentication(Login login, boolean secured, Set<String> offered, Supplier<Optional<ChannelBinding>> binding) {
        this.login = login;
        this.secured = secured;
        this.offered = offered;
        boolean isScram = offered.stream().anyMatch(name -> name.startsWith("SCRAM-"));
        this.binding = secured && isScram ? binding.get() : Optional.empty();
    }

    /** Where the session goes instead of to mail at once. */
    Opening.Next begin() {
        if (!secured && !login.inClear()) {
            return notSent("4.7.11", "credentials are not sent to " + login.host() + " without TLS");
        }
        for (Mechanism each : login.credentials().mechanisms()) {
            if (offered.contains(each.saslName()) && isPossible(each)) {
                candidates.add(each);
            }
        }
        if (candidates.isEmpty()) {
            return notSent(
                    "4.7.4",
                    offered.isEmpty()
                            ? login.host() + " does not offer AUTH"
                            : login.host() + " offers AUTH by "
                                    + String.join(" ", offered.stream().sorted().toList())
                                    + ", and " + login.credentials() + " are for "
                                    + names(login.credentials().mechanisms()));
        }
        return beginNext(candidates.remove());
    }

    private boolean isPossible(Mechanism each) {
        return each.isBound() ? binding.isPresent() : secured || each != Mechanism.EXTERNAL;
    }

    private static String names(Set<Mechanism> mechanisms) {
        return String.join(" ", mechanisms.stream().map(Mechanism::saslName).toList());
    }

    private Opening.Next beginNext(Mechanism next) {
        mechanism = next;
        return begin(login.credentials().identity().exchange(next, login.host(), login.port(), scramBinding(next)));
    }

    /** RFC 5802 §6: {@code y} where this side could bind and the server is not heard to offer it. */
    private ScramBinding scramBinding(Mechanism next) {
        if (binding.isEmpty()) {
            return ScramBinding.NONE;
        }
        if (next.isBound()) {
            return ScramBinding.to(binding.get().type(), binding.get().data());
        }
        boolean isOffered = offered.contains(Mechanism.SCRAM_SHA_256_PLUS.saslName())
                || offered.contains(Mechanism.SCRAM_SHA_1_PLUS.saslName());
        return isOffered ? ScramBinding.NONE : ScramBinding.NOT_OFFERED;
    }

    private Opening.Next begin(SaslExchange next) {
        exchange = next;
        challenges = 0;
        withheld = null;
        return take(next.begin(), ClientState.AUTH);
    }

    /**
     * What the reply leads to.
     *
     * @param state the one that it came in: AUTH or SASL
     */
    Opening.Next take(ClientState state, Reply reply) {
        SaslExchange current = running();
        if (reply.code() == 334) {
            return challenged(current, reply);
        }
        if (reply.isIntermediate()) {
            return new Opening.Next.Violation(reply.code() + " as " + state.waitingFor);
        }
        if (givenUp != null) {
            return new Opening.Next.NotServed(DeliveryStatus.NOT_SENT, givenUp);
        }
        if (reply.isPositive()) {
            return current.isComplete() && withheld == null
                    ? new Opening.Next.Enter(ClientState.TRANSACTION)
                    : notSent("4.7.0", login.host() + " says that the login is done before it is");
        }
        return refused(current, reply);
    }

    private Opening.Next challenged(SaslExchange current, Reply reply) {
        if (givenUp != null || ++challenges > MAX_CHALLENGES) {
            return new Opening.Next.Violation("challenges without end");
        }
        String initial = withheld;
        if (initial != null) {
            withheld = null;
            return say(initial, Dialogue.MASK, ClientState.SASL);
        }
        byte[] base64 = reply.text().getBytes(StandardCharsets.UTF_8);
        byte[] challenge =
                SaslLine.decode(ByteBuffer.wrap(base64), 0, base64.length).orElse(null);
        return challenge == null || reply.enhanced() != null
                ? take(new SaslStep.GiveUp("its challenge is not base64"), ClientState.SASL)
                : take(current.answer(challenge), ClientState.SASL);
    }

    /**
     * A wrong password is no fault of the message: whoever set it may set it right. It is not tried by a weaker
     * mechanism. What is: a mechanism that the server does not have after all (504); and, before any proof was given,
     * SCRAM without channel binding where the binding was not that of the connection itself, which is the only one that
     * some servers know. RFC 4954 §4, §6, RFC 9266 §3.
     */
    private Opening.Next refused(SaslExchange current, Reply reply) {
        refusal = reply;
        if (reply.code() == 504 && !candidates.isEmpty()) {
            return beginNext(candidates.remove());
        }
        if (reply.isPermanent() && current.isBindingInQuestion() && !isBoundToConnection()) {
            candidates.removeIf(Mechanism::isBound);
            Mechanism next = candidates.peek();
            if (next != null && ScramHash.of(next) != null) {
                return beginNext(candidates.remove());
            }
        }
        SaslExchange again = reply.code() == 535 ? current.again() : null;
        return again != null ? begin(again) : new Opening.Next.NotServed(DeliveryStatus.DEFERRED, reply);
    }

    private boolean isBoundToConnection() {
        return binding.map(b -> b.type().equals(ChannelBinding.TLS_EXPORTER)).orElse(false);
    }

    private Opening.Next take(SaslStep step, ClientState state) {
        if (step instanceof SaslStep.Say say) {
            return say(say.message(), state);
        }
        if (step instanceof SaslStep.Ask ask) {
            question = ask;
            questionTaken = false;
            return new Opening.Next.Enter(state);
        }
        if (step instanceof SaslStep.GiveUp giveUp) {
            return giveUp(giveUp.why(), state);
        }
        return say(command(), command(), state);
    }

    private Opening.Next say(byte[] message, ClientState state) {
        if (message.length > SaslLine.MAX_MESSAGE) {
            return giveUp("what is to be said is longer than a line of AUTH", state);
        }
        if (state == ClientState.SASL) {
            String response = SaslLine.encode(message);
            return say(response, response.isEmpty() ? "" : Dialogue.MASK, state);
        }
        String initial = SaslLine.encodeInitial(message);
        String whole = command() + ' ' + initial;
        if (whole.length() + 2 <= MAX_COMMAND_LINE) {
            return say(whole, command() + ' ' + Dialogue.MASK, state);
        }
        withheld = initial;
        return say(command(), command(), state);
    }

    private Opening.Next say(String next, String toListener, ClientState state) {
        line = next;
        shown = toListener;
        return new Opening.Next.Enter(state);
    }

    /** Where an exchange is under way it is cancelled, and what the server says to that is waited for. */
    private Opening.Next giveUp(String why, ClientState state) {
        Reply reply = Reply.quoting(451, "4.7.0", "no login at " + login.host() + ": " + why);
        if (state == ClientState.AUTH) {
            Reply before = refusal;
            return before == null
                    ? new Opening.Next.NotServed(DeliveryStatus.NOT_SENT, reply)
                    : new Opening.Next.NotServed(DeliveryStatus.DEFERRED, before);
        }
        givenUp = reply;
        return say(CANCEL, CANCEL, state);
    }

    private static Opening.Next notSent(String enhanced, String text) {
        return new Opening.Next.NotServed(DeliveryStatus.NOT_SENT, Reply.quoting(451, enhanced, text));
    }

    /**
     * What is to be asked, where it may block, and then {@link #answered}; null if nothing is, and after it was told
     * once.
     */
    SaslStep.@Nullable Ask takeQuestion() {
        if (questionTaken) {
            return null;
        }
        questionTaken = true;
        return question;
    }

    /** Whether nothing can be said until a question is answered. */
    boolean isAsking() {
        return question != null;
    }

    /** What the answer leads to; null if that was not the question. */
    Opening.@Nullable Next answered(SaslStep.Ask asked, byte @Nullable [] octets, ClientState state) {
        if (!asked.equals(question)) {
            return null;
        }
        question = null;
        return take(running().answered(octets), state);
    }

    /** Octets of room that {@link #send} needs. */
    int room() {
        return line == null ? 0 : Math.max(MAX_COMMAND_LINE, line.length() + 2);
    }

    /** Puts the line. */
    void send(ByteBuffer out, Dialogue dialogue) {
        String next = line;
        if (next == null) {
            throw new IllegalStateException("nothing to say");
        }
        line = null;
        CommandEncoder.line(out, next);
        dialogue.sentMasked(shown);
    }

    private String command() {
        return "AUTH " + (mechanism == null ? "" : mechanism.saslName());
    }

    private SaslExchange running() {
        if (exchange == null) {
            throw new IllegalStateException("not begun");
        }
        return exchange;
    }
}

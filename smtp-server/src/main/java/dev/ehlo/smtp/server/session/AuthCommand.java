package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.limit.LoginGuard;
import dev.ehlo.smtp.server.sasl.SaslChannel;
import dev.ehlo.smtp.server.sasl.SaslExchange;
import dev.ehlo.smtp.server.sasl.SaslStep;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * AUTH, from the command to its final reply. RFC 4954 §4.
 *
 * <pre>
 *     IDLE ─ AUTH → EXCHANGE ─ 334, line → EXCHANGE        EXCHANGE ─ *, no base64, too long, refused → IDLE
 *                      └─ 334 that denies → DENIED ─ line → IDLE         └─ accepted → IDLE, logged in
 * </pre>
 */
final class AuthCommand implements SaslChannel {
    private final Conversation conversation;
    /** Null while idle. */
    private @Nullable SaslExchange exchange;

    private Mechanism mechanism = Mechanism.PLAIN;
    /** Who it is that the guard has let try, in the one form of that login. */
    private String tried = "";

    private boolean isTried;
    /** The login has failed and is counted; the client has yet to say something to that. */
    private boolean denied;
    /** Null before it is asked for. */
    private @Nullable Boolean bindable;

    AuthCommand(Conversation conversation) {
        this.conversation = conversation;
    }

    void begin(Command command) {
        if (!conversation.role.offersAuth()) {
            conversation.refuse(Replies.NOT_IMPLEMENTED);
            return;
        }
        if (conversation.info.login().isPresent()) {
            conversation.refuse(Replies.AUTH_ALREADY);
            return;
        }
        Mechanism named = Mechanism.of(command.copyMechanism()).orElse(null);
        SaslExchange begun =
                named == null ? null : conversation.role.server().sasl().begin(named, this);
        if (named == null || begun == null) {
            conversation.refuse(Replies.AUTH_UNKNOWN);
            return;
        }
        mechanism = named;
        if (!command.hasInitialResponse()) {
            open(begun);
            follow(begun, begun.begin());
        } else if (begun.isServerFirst()) {
            conversation.refuse(Replies.AUTH_MALFORMED);
        } else {
            open(begun);
            take(begun, SaslLine.initialResponse(command));
        }
    }

    private void open(SaslExchange begun) {
        exchange = begun;
        denied = false;
        isTried = false;
        conversation.state = State.AUTH;
    }

    /** Takes a line of the exchange, as the parser found it. */
    void line(ParseResult result, Command line) {
        SaslExchange current = exchange;
        if (current == null) {
            throw new IllegalStateException("no exchange in " + conversation.state);
        }
        boolean isCancel = result == ParseResult.COMPLETE && SaslLine.isCancel(line);
        if (denied) {
            end();
            conversation.refuseLogin(isCancel ? Replies.AUTH_CANCELLED : Replies.AUTH_FAILED);
        } else if (result == ParseResult.OVERLONG) {
            end();
            conversation.refuse(Replies.AUTH_LINE_TOO_LONG);
        } else if (isCancel) {
            end();
            conversation.refuse(Replies.AUTH_CANCELLED);
        } else {
            take(current, result == ParseResult.COMPLETE ? SaslLine.response(line) : Optional.empty());
        }
    }

    private void take(SaslExchange current, Optional<byte[]> message) {
        SaslStep step = message.map(current::take).orElse(SaslStep.MALFORMED);
        message.ifPresent(octets -> Arrays.fill(octets, (byte) 0));
        follow(current, step);
    }

    /** Whether the connection is still there does not matter to a login that failed: it is counted. */
    private void follow(SaslExchange current, SaslStep step) {
        if (step instanceof SaslStep.Ask<?> ask) {
            ask(current, ask);
        } else if (step instanceof SaslStep.Challenge challenge) {
            if (challenge.isDenial()) {
                denied = true;
                failed(current);
            }
            conversation.send(Reply.of(334, SaslLine.encode(challenge.message())));
        } else if (conversation.isClosed() && !(step instanceof SaslStep.Refused)) {
            end();
        } else if (step instanceof SaslStep.Accepted accepted) {
            end();
            guard().succeeded(tried, client());
            conversation.info = conversation.info.loggedIn(accepted.identity());
            conversation.driver.loggedIn(mechanism);
            conversation.send(Replies.AUTH_DONE);
        } else if (step instanceof SaslStep.Refused) {
            end();
            failed(current);
            conversation.refuseLogin(Replies.AUTH_FAILED);
        } else {
            end();
            conversation.refuse(Replies.AUTH_MALFORMED);
        }
    }

    private void failed(SaslExchange current) {
        if (isTried) {
            // Of others nothing is learnt, and who is locked out must not stay so by them.
            guard().failed(tried, client());
        }
        conversation.loginFailed(current.login(), mechanism, Refusal.BAD_CREDENTIALS);
    }

    private <T> void ask(SaslExchange current, SaslStep.Ask<T> ask) {
        if (ask.isTry()) {
            // As the authenticator is asked: what is invisible would else make each guess one at another login.
            String login = SaslPrep.prepare(current.login()).orElse(current.login());
            tried = conversation.role.server().sasl().authenticator().canonical(login);
            isTried = guard().mayTry(tried, client());
            if (!isTried) {
                end();
                conversation.loginFailed(current.login(), mechanism, Refusal.LOCKED_OUT);
                conversation.refuseLogin(Replies.AUTH_LOCKED_OUT);
                return;
            }
        }
        Consumer<T> answered = answer -> follow(current, ask.answered().apply(answer));
        Runnable unavailable = () -> {
            end();
            // Whoever has to be asked may be out of order for what this client says alone.
            conversation.refusedForNow(Replies.AUTH_UNAVAILABLE);
        };
        // A check costs as much as a hash of a password: guessers from all the world would leave users none.
        boolean ofStranger = isTried && !guard().isKnown(tried, client());
        conversation.question = ofStranger
                ? Question.ofStranger(ask.question(), answered, unavailable)
                : Question.ofBlocking(ask.question(), answered, unavailable);
    }

    private LoginGuard guard() {
        return conversation.role.server().guard();
    }

    private InetAddress client() {
        return conversation.info.remoteAddress().getAddress();
    }

    private void end() {
        exchange = null;
        if (!conversation.isClosed()) {
            conversation.state = State.READY;
        }
    }

    @Override
    public boolean isBindable() {
        Boolean known = bindable;
        if (known == null) {
            known = conversation.info.tls().isPresent()
                    && (binding(ChannelBinding.TLS_EXPORTER).isPresent()
                            || binding(ChannelBinding.TLS_SERVER_END_POINT).isPresent());
            bindable = known;
        }
        return known;
    }

    @Override
    public Optional<ChannelBinding> binding(String type) {
        return conversation.driver.channelBinding(type);
    }

    @Override
    public List<X509Certificate> certificates() {
        return conversation.info.tls().map(TlsSession::peerChain).orElse(List.of());
    }
}

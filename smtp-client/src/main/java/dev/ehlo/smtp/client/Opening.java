package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session up to its first mail transaction: what each reply leads to. Keeps what the server offers. RFC 5321 §3.1,
 * §3.2, RFC 3207 §4.2, RFC 4954 §4.
 */
final class Opening {
    private final SessionPlan plan;
    private final boolean secured;
    private final RemoteHost remote;
    private final Supplier<Optional<ChannelBinding>> binding;
    /** Once it has come to AUTH. */
    private @Nullable Authentication authentication;

    private Offer offer;
    private boolean withoutTls;

    /** Where a reply leads to. */
    sealed interface Next {
        /** On to that state, and to transactions if it is TRANSACTION. */
        record Enter(ClientState state) implements Next {}

        /** To no transaction. */
        record NotServed(DeliveryStatus status, Reply reply) implements Next {}

        /** To no transaction of messages that require TLS. */
        record Unsuited(Reply reply) implements Next {}

        /** To the end: no server should say that there. */
        record Violation(String what) implements Next {}
    }

    Opening(SessionPlan plan, RemoteHost remote, boolean secured, Supplier<Optional<ChannelBinding>> binding) {
        this.plan = plan;
        this.remote = remote;
        this.secured = secured;
        this.binding = binding;
        this.offer = Offer.of(remote, Capabilities.NONE, plan.lmtp());
    }

    /** Whether the session is under TLS. */
    boolean isSecured() {
        return secured;
    }

    /** Whether TLS was wanted, and the server has none for us. */
    boolean isWithoutTls() {
        return withoutTls;
    }

    /** What the server offers; nothing until it has said so. */
    Offer offer() {
        return offer;
    }

    /** The server, with what it offers. */
    RemoteHost remote() {
        return offer.remote();
    }

    /**
     * What the reply leads to.
     *
     * @param state the one that it came in
     * @param moreBehind whether other octets came with it
     */
    Next take(ClientState state, Reply reply, boolean moreBehind) {
        return switch (state) {
            case GREETING -> reply.isPositive() ? new Next.Enter(ClientState.EHLO) : refused(state, reply);
            case EHLO -> {
                if (reply.isPermanent() && !plan.lmtp()) {
                    // A server of old, or one that has taken offence at the name. RFC 5321 §3.2.
                    yield new Next.Enter(ClientState.HELO);
                }
                if (!reply.isPositive()) {
                    yield refused(state, reply);
                }
                offer = Offer.of(remote, Capabilities.of(reply), plan.lmtp());
                yield chooseTls();
            }
            case HELO -> reply.isPositive() ? chooseTls() : refused(state, reply);
            case STARTTLS -> startTls(reply, moreBehind);
            case AUTH, SASL -> authentication().take(state, reply);
            case TRANSACTION, IDLE, QUIT, TURNING, OVER -> throw new IllegalStateException(state.name());
        };
    }

    private static Next refused(ClientState state, Reply reply) {
        return reply.isIntermediate()
                ? new Next.Violation("3yz as " + state.waitingFor)
                : new Next.NotServed(reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED, reply);
    }

    private Next chooseTls() {
        if (secured || !plan.policy().isTlsWanted()) {
            return chooseAuth();
        }
        if (offer.capabilities().has(Extension.STARTTLS)) {
            return new Next.Enter(ClientState.STARTTLS);
        }
        withoutTls = true;
        if (OfferedParameters.requiresTls(plan.envelope())) {
            return new Next.Unsuited(
                    Reply.quoting(550, "5.7.10", plan.host() + " does not offer STARTTLS, which the sender requires"));
        }
        return plan.policy().isTlsRequired()
                ? notSent("4.7.4", plan.host() + " does not offer STARTTLS, which is required")
                : chooseAuth();
    }

    private Next startTls(Reply reply, boolean moreBehind) {
        if (reply.code() == 220) {
            // Replies injected before TLS, to be taken for replies under it: CVE-2021-38371. RFC 3207 §6.
            return moreBehind
                    ? new Next.Violation("octets in clear behind 220 to STARTTLS")
                    : new Next.Enter(ClientState.TURNING);
        }
        if (reply.isPositive() || reply.isIntermediate()) {
            return new Next.Violation(reply.code() + " to STARTTLS");
        }
        withoutTls = true;
        return plan.policy().isTlsGivenUp() ? chooseAuth() : forNow(reply);
    }

    private Next chooseAuth() {
        Login login = plan.login();
        if (login == null) {
            return new Next.Enter(ClientState.TRANSACTION);
        }
        Authentication begun =
                new Authentication(login, secured, offer.capabilities().authMechanisms(), binding);
        authentication = begun;
        return begun.begin();
    }

    /** Puts the command of that state, which is QUIT or one before the first transaction. */
    void put(ClientState state, ByteBuffer out, Dialogue dialogue) {
        int from = out.position();
        switch (state) {
            case EHLO -> CommandEncoder.command(out, plan.lmtp() ? Verb.LHLO : Verb.EHLO, plan.localName());
            case HELO -> CommandEncoder.command(out, Verb.HELO, plan.localName());
            case STARTTLS -> CommandEncoder.command(out, Verb.STARTTLS, "");
            case QUIT -> CommandEncoder.command(out, Verb.QUIT, "");
            case AUTH, SASL -> {
                authentication().send(out, dialogue);
                return;
            }
            case TRANSACTION, IDLE, GREETING, TURNING, OVER -> throw new IllegalStateException(state.name());
        }
        dialogue.sent(out, from);
    }

    /** What it comes to where that leads to no transaction. */
    SessionOutcome outcome(Next next, ClientState state) {
        if (next instanceof Next.NotServed not) {
            return new SessionOutcome.NotServed(not.status(), not.reply(), remote(), phase(state));
        }
        if (next instanceof Next.Unsuited unsuited) {
            return new SessionOutcome.Unsuited(unsuited.reply(), remote(), state.phase);
        }
        throw new IllegalStateException(state.name());
    }

    /** What is said in the states AUTH and SASL. */
    Authentication authentication() {
        if (authentication == null) {
            throw new IllegalStateException("not at AUTH");
        }
        return authentication;
    }

    /** How far an attempt has come that ends in that state. */
    DeliveryPhase phase(ClientState state) {
        return authentication == null ? state.phase : DeliveryPhase.AUTH;
    }

    /** What is no fault of the message, though the server may say so for good. */
    private static Next forNow(Reply reply) {
        return new Next.NotServed(reply.isTransient() ? DeliveryStatus.DEFERRED : DeliveryStatus.NOT_SENT, reply);
    }

    private static Next notSent(String enhanced, String text) {
        return new Next.NotServed(DeliveryStatus.NOT_SENT, Reply.quoting(451, enhanced, text));
    }
}

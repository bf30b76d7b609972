package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Drives a session without a socket, as the loop would: octets in by parts, and after each part whatever is ready out. */
final class SessionRun {
    private static final int OUTPUT = 16 * 1024;
    private static final int MAX_EXCHANGES = 10_000;

    final ClientSession session;
    private SessionPlan plan;
    final List<String> flights = new ArrayList<>();
    long now;

    /** Of all transactions. */
    private final List<SessionOutcome> outcomes = new ArrayList<>();

    private int before;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private byte[] left = {};
    private @Nullable ContentOut content;
    private SilentConnection connection = new SilentConnection(Long.MAX_VALUE);
    /** Octets of content that go before {@link #writable} has to be called. */
    long contentAtOnce = Long.MAX_VALUE;

    SessionRun(SessionPlan plan, TlsMode secured) {
        this(plan, secured, Optional.empty());
    }

    SessionRun(SessionPlan plan, TlsMode secured, Optional<ChannelBinding> binding) {
        this.plan = plan;
        this.session =
                new ClientSession(plan, RemoteHost.named(plan.host()), secured, () -> binding, new ContentBlocks(), 0);
        advance();
    }

    /** A session by itself, with a server of which no more is known than its name. */
    static ClientSession session(SessionPlan plan, TlsMode secured) {
        return new ClientSession(plan, RemoteHost.named(plan.host()), secured, Optional::empty, new ContentBlocks(), 0);
    }

    /** Has the idle session go on with another plan, to the end of its dialogue. */
    void again(SessionPlan next, LineServer server) {
        begin(next);
        for (String said = server.take(take());
                !said.isEmpty() && !session.isOver() && !session.isIdle();
                said = server.take(take())) {
            receive(said);
        }
    }

    /** Has the idle session go on with another plan. */
    void begin(SessionPlan next) {
        before = all().size();
        plan = next;
        session.begin(next, now);
        advance();
    }

    /** A whole dialogue, with the server's octets whole. */
    static SessionRun of(SessionPlan plan, LineServer server) {
        return of(plan, TlsMode.NONE, server, List::of);
    }

    /** A whole dialogue, with the server's octets cut so. */
    static SessionRun of(SessionPlan plan, TlsMode secured, LineServer server, Function<byte[], List<byte[]>> cut) {
        return new SessionRun(plan, secured).to(secured, server, cut);
    }

    /** The same, on a connection with that binding, under TLS from the first octet. */
    static SessionRun of(SessionPlan plan, Optional<ChannelBinding> binding, LineServer server) {
        return new SessionRun(plan, TlsMode.IMPLICIT, binding).to(TlsMode.IMPLICIT, server, List::of);
    }

    private SessionRun to(TlsMode secured, LineServer server, Function<byte[], List<byte[]>> cut) {
        SessionRun run = this;
        String said = secured == TlsMode.STARTTLS ? server.take(run.take()) : server.greet();
        for (int i = 0; !said.isEmpty() && !run.session.isOver() && !run.session.isTurning(); i++) {
            if (i > MAX_EXCHANGES) {
                throw new AssertionError("the dialogue does not end");
            }
            for (byte[] part : cut.apply(said.getBytes(StandardCharsets.ISO_8859_1))) {
                run.receive(part);
            }
            said = server.take(run.take());
        }
        return run;
    }

    void receive(String octets) {
        receive(octets.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Shows the session these octets behind those that it left, and lets it send. */
    void receive(byte[] octets) {
        ByteBuffer in = ByteBuffer.allocate(left.length + octets.length)
                .put(left)
                .put(octets)
                .flip();
        session.receive(in, now);
        left = new byte[in.remaining()];
        in.get(left);
        advance();
    }

    private void advance() {
        for (int room = session.room(); room > 0; room = session.room()) {
            ByteBuffer out = ByteBuffer.allocate(Math.max(room, OUTPUT));
            session.send(out, now);
            sent.write(out.array(), 0, out.position());
        }
        SaslStep.Ask question = session.takeQuestion();
        if (question != null) {
            session.answered(
                    question,
                    question.by(Runnable::run).exceptionally(e -> null).join(),
                    now);
            advance();
        }
        if (session.isContentDue()) {
            sendContent();
        }
    }

    private void sendContent() {
        try {
            if (content == null) {
                connection = new SilentConnection(contentAtOnce);
                content = ContentOut.open(plan.content(), session.isContentChunk(), new ContentBlocks());
            }
            boolean done = content.sendTo(connection);
            while (!done && contentAtOnce == Long.MAX_VALUE) {
                connection.drain();
                done = content.sendTo(connection);
            }
            connection.flush();
            sent.writeBytes(connection.takeSent());
            if (done) {
                content.close();
                content = null;
                for (connection.drain(); connection.unsent() > 0; connection.drain()) {
                    sent.writeBytes(connection.takeSent());
                }
                sent.writeBytes(connection.takeSent());
                session.contentSent(now);
            }
        } catch (IOException e) {
            content = null;
            session.contentFailed(e, now);
        }
    }

    /** Whether content is on its way, of which so much goes at once as was said. */
    boolean isInContent() {
        return content != null;
    }

    /** There is room for more of it. */
    void writable() {
        connection.drain();
        sent.writeBytes(connection.takeSent());
        advance();
    }

    /** What was sent since the last call. */
    byte[] take() {
        byte[] octets = sent.toByteArray();
        sent.reset();
        if (octets.length > 0) {
            flights.add(new String(octets, StandardCharsets.ISO_8859_1));
        }
        return octets;
    }

    /** The outcomes of all transactions up to now. */
    List<SessionOutcome> all() {
        for (SessionOutcome each = session.pollOutcome(); each != null; each = session.pollOutcome()) {
            outcomes.add(each);
        }
        return outcomes;
    }

    /** Whether the transaction that was begun last has one. */
    boolean hasOutcome() {
        return all().size() > before;
    }

    /** That of the last one. */
    SessionOutcome outcome() {
        if (!hasOutcome()) {
            throw new AssertionError("no outcome");
        }
        return outcomes.get(outcomes.size() - 1);
    }

    List<RecipientOutcome> outcomes() {
        return ((SessionOutcome.Decided) outcome()).outcomes();
    }

    List<DeliveryStatus> statuses() {
        return outcomes().stream().map(RecipientOutcome::status).toList();
    }

    SessionOutcome.NotServed notServed() {
        return (SessionOutcome.NotServed) outcome();
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.CommandParser;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session of a server, from the greeting, or from the end of a STARTTLS handshake, to its close. Driven step by step
 * by one thread; does no input or output, and waits for nothing: what it has to know it asks, and stands still until the
 * answer comes.
 *
 * <pre>
 *     CONNECTED ─ asked ─→ GREETED ─ EHLO → READY ─ MAIL → MAIL ─ RCPT → RCPT ─ DATA → CONTENT ─ end of data ─→ READY
 *         └─→ REFUSED          READY ─ AUTH ⇄ AUTH          any of these ─ BDAT → CHUNK, and back
 *     RSET, EHLO: → READY; STARTTLS: another session takes over; QUIT, a limit passed: → CLOSED
 * </pre>
 *
 * What each command leads to in each state is the table of {@link Move}. RFC 5321 §3, §4.1.4.
 */
public final class ServerSession {
    /** What may be said in clear where TLS is required. RFC 3207 §4. */
    private static final Set<Verb> CLEAR_VERBS =
            EnumSet.of(Verb.EHLO, Verb.HELO, Verb.NOOP, Verb.RSET, Verb.QUIT, Verb.STARTTLS);
    /** A browser made to talk to us brings these; what follows is not mail (ALPACA, CVE-2021-3618). */
    private static final Set<String> HTTP_METHODS =
            Set.of("GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE", "TRACE", "PATCH");
    /** Octets of content that count as progress. */
    private static final int CONTENT_BLOCK = 4096;

    private final Role role;
    private final SessionDriver driver;
    private final SmtpHandler handler;
    private final SessionBudget budget;
    private final boolean trusted;
    private final CommandParser parser = new CommandParser();
    private final Command command = new Command();
    private SessionInfo info;
    private State state;
    private boolean begun;
    private boolean turningToTls;
    private boolean draining;
    private @Nullable Question<?> question;
    private @Nullable Transaction transaction;
    private @Nullable AuthDialogue dialogue;
    private @Nullable ContentReceiver content;
    private State stateAfterChunk = State.GREETED;
    private EncodedReply replyAfterChunk = Replies.NOT_IMPLEMENTED;
    private long chunkOctetsLeft;
    private long units;
    private int messages;

    private ServerSession(Role role, SessionInfo info, SessionDriver driver, State state) {
        this.role = role;
        this.driver = driver;
        this.handler = role.server().handler();
        this.budget = new SessionBudget(role.limits());
        this.trusted = role.isTrusted(info.remoteAddress().getAddress());
        this.info = info;
        this.state = state;
    }

    /** A session that begins with a connection, and so with a greeting. */
    public static ServerSession connected(Role role, SessionInfo info, SessionDriver driver) {
        return new ServerSession(role, info, driver, State.CONNECTED);
    }

    /** A session that begins where STARTTLS has ended another, of which it knows nothing. RFC 3207 §4.2. */
    public static ServerSession afterStartTls(Role role, SessionInfo info, SessionDriver driver) {
        return new ServerSession(role, info, driver, State.GREETED);
    }

    /**
     * Does one thing with what has come, and puts its reply. What is consumed moves the position; the rest has to be
     * shown again. Not to be called while a question is open.
     */
    public Step step(ByteBuffer in) {
        switch (state) {
            case CONNECTED:
                question = Question.of(
                        Question.Of.HANDLER,
                        () -> checked(handler.connected(info)),
                        this::greet,
                        () -> end(Replies.UNAVAILABLE));
                return outcome();
            case CLOSED:
                return outcome();
            case CONTENT:
                return content(in);
            default:
                if (draining) {
                    end(Replies.SHUTTING_DOWN);
                    return outcome();
                }
        }
        if (!in.hasRemaining()) {
            return Step.NEED_INPUT;
        }
        switch (state) {
            case CHUNK:
                return chunk(in);
            case AUTH:
                return response(in);
            default:
                return command(in);
        }
    }

    /** The question that {@link Step#ASK} told of. */
    public Question<?> question() {
        if (question == null) {
            throw new IllegalStateException("no question in " + state);
        }
        return question;
    }

    /** Settles the open question with its answer. After {@link #lost()} the answer is let go properly. */
    public <T> void answer(Question<T> asked, T value) {
        question = null;
        asked.answer(value);
    }

    /** Settles the open question without an answer, which went wrong: the driver has told the log. */
    public void answerFailed(Question<?> asked) {
        question = null;
        asked.fail();
    }

    /** Grows with each command, each line and each block of content: a peer that stands still is told by it. */
    public long progress() {
        return units + (content == null ? 0 : content.octets() / CONTENT_BLOCK);
    }

    /** Whether content is what is waited for. */
    public boolean isReceivingContent() {
        return state == State.CONTENT;
    }

    /** What is known of the session now. */
    public SessionInfo info() {
        return info;
    }

    /** The server goes down: the session is to end with 421 after what is under way. RFC 5321 §3.8. */
    public void drain() {
        draining = true;
    }

    /** The peer has kept silent too long. To be closed. RFC 5321 §4.5.3.2.7. */
    public void timedOut() {
        if (state != State.CLOSED) {
            end(Replies.TIMED_OUT);
        }
    }

    /** The connection is gone: a message not yet complete is forgotten. RFC 5321 §3.8. */
    public void lost() {
        close();
    }

    private Step outcome() {
        if (state == State.CLOSED) {
            return Step.CLOSE;
        }
        return question != null ? Step.ASK : turningToTls ? Step.START_TLS : Step.AGAIN;
    }

    // Commands

    private Step command(ByteBuffer in) {
        if (!begun) {
            begun = true;
            int first = in.get(in.position()) | 0x20;
            if (first < 'a' || first > 'z') {
                close();
                return outcome();
            }
        }
        ParseResult result = parser.parse(in, command);
        if (result == ParseResult.INCOMPLETE) {
            return Step.NEED_INPUT;
        }
        units++;
        if (result == ParseResult.OVERLONG) {
            refuse(Replies.LINE_TOO_LONG);
        } else {
            dispatch(in);
        }
        return outcome();
    }

    private void dispatch(ByteBuffer in) {
        Verb verb = command.verb();
        boolean needsTls = role.isSubmission() && info.tls().isEmpty();
        if (verb == Verb.UNKNOWN && isHttp()) {
            close();
        } else if (verb == Verb.BDAT) {
            beginChunk(needsTls ? Replies.TLS_FIRST : Replies.NOT_IMPLEMENTED);
        } else if (needsTls && !CLEAR_VERBS.contains(verb)) {
            refuse(verb == Verb.AUTH ? Replies.TLS_BEFORE_AUTH : Replies.TLS_FIRST);
        } else if (command.error() != null) {
            refuse(Replies.malformed(command.error()));
        } else {
            move(Move.of(state, verb), in);
        }
    }

    private void move(Move move, ByteBuffer in) {
        switch (move) {
            case HELLO -> hello();
            case MAIL -> mail();
            case RCPT -> rcpt();
            case DATA -> data(in);
            case RESET -> reset();
            case NOOP -> idle(Replies.OK);
            case HELP -> idle(Replies.HELP);
            case VERIFY -> idle(Replies.CANNOT_VERIFY);
            case STARTTLS -> startTls(in);
            case AUTH -> auth();
            case QUIT -> end(Replies.BYE);
            case HELLO_FIRST -> refuse(Replies.HELLO_FIRST);
            case NESTED_MAIL -> refuse(Replies.NESTED_MAIL);
            case NO_RECIPIENT ->
                refuse(transaction().hasRefusedRecipient() ? Replies.NO_VALID_RECIPIENT : Replies.NO_RECIPIENT);
            case NOT_IMPLEMENTED -> refuse(Replies.NOT_IMPLEMENTED);
            case UNKNOWN -> refuse(Replies.UNKNOWN);
            case BAD_SEQUENCE, CHUNK -> refuse(Replies.BAD_SEQUENCE);
        }
    }

    private boolean isHttp() {
        String line = command.copyLine();
        int space = line.indexOf(' ');
        return HTTP_METHODS.contains(space < 0 ? line : line.substring(0, space));
    }

    /** RFC 5321 §4.1.4: EHLO also does what RSET does. */
    private void hello() {
        boolean esmtp = command.verb() == Verb.EHLO;
        info = new SessionInfo(
                info.id(),
                info.remoteAddress(),
                info.localAddress(),
                info.profile(),
                command.copyArgument(),
                esmtp,
                info.tls(),
                info.login());
        transaction = null;
        state = State.READY;
        idle(esmtp ? role.ehlo(info.tls().isPresent()) : role.helo());
    }

    private void reset() {
        transaction = null;
        if (state != State.GREETED) {
            state = State.READY;
        }
        idle(Replies.OK);
    }

    private void mail() {
        if (role.isSubmission() && info.login().isEmpty()) {
            refuse(Replies.AUTH_FIRST);
            return;
        }
        if (command.isPathUtf8()) {
            refuse(Replies.NEEDS_SMTPUTF8);
            return;
        }
        EsmtpParameters given = command.toParameters();
        EncodedReply refusal = MailParameters.refusal(given, role, info.esmtp());
        if (refusal != null) {
            refuse(refusal);
            return;
        }
        ReversePath reversePath = command.toReversePath();
        // Nobody is trusted to say who submitted a message elsewhere. RFC 4954 §5.
        EsmtpParameters parameters = given.without("AUTH");
        ask(
                () -> isOwn(reversePath)
                        ? handler.mail(info, reversePath, parameters)
                        : Replies.NOT_YOUR_MAILBOX.reply(),
                reply -> {
                    if (reply.isPositive() && state != State.CLOSED) {
                        transaction = new Transaction(reversePath, parameters);
                        state = State.MAIL;
                    }
                    send(reply);
                });
    }

    private boolean isOwn(ReversePath reversePath) {
        Mailbox sender = reversePath.mailbox();
        String login = info.login().orElse(null);
        return sender == null || login == null || role.server().senderRule().owns(login, sender);
    }

    private void rcpt() {
        Transaction current = transaction();
        if (current.recipientCount() >= role.limits().maxRecipients()) {
            refuseRecipient(Replies.TOO_MANY_RECIPIENTS);
            return;
        }
        if (command.isPathUtf8()) {
            refuseRecipient(Replies.NEEDS_SMTPUTF8);
            return;
        }
        if (command.parameterCount() > 0) {
            refuseRecipient(Replies.UNKNOWN_PARAMETER);
            return;
        }
        Mailbox mailbox = command.toForwardPath();
        // What a server must never be: a relay for strangers. RFC 5321 §7.9.
        boolean taken = role.isSubmission() || role.profile().isAnyRecipient() || trusted || role.isLocal(mailbox);
        if (!taken) {
            refuseRecipient(Replies.RELAY_DENIED);
            return;
        }
        Recipient recipient = Recipient.of(mailbox);
        ask(() -> handler.rcpt(info, recipient), reply -> {
            send(reply);
            if (!reply.isPositive()) {
                countRefusedRecipient();
            } else if (state != State.CLOSED) {
                current.add(recipient);
                state = State.RCPT;
            }
        });
    }

    // STARTTLS and AUTH

    private void startTls(ByteBuffer in) {
        if (info.tls().isPresent()) {
            refuse(Replies.TLS_ALREADY);
        } else if (!role.offersStartTls()) {
            refuse(Replies.NOT_IMPLEMENTED);
        } else if (in.hasRemaining()) {
            // Commands in clear to be taken for commands under TLS (CVE-2011-0411). RFC 3207 §6.
            end(Replies.OUT_OF_STEP);
        } else {
            send(Replies.START_TLS);
            turningToTls = true;
        }
    }

    private void auth() {
        if (!role.offersAuth()) {
            refuse(Replies.NOT_IMPLEMENTED);
            return;
        }
        if (info.login().isPresent()) {
            refuse(Replies.AUTH_ALREADY);
            return;
        }
        AuthDialogue begun = AuthDialogue.of(command.copyMechanism());
        if (begun == null) {
            refuse(Replies.AUTH_UNKNOWN);
            return;
        }
        String initial = command.copyInitialResponse();
        dialogue = begun;
        state = State.AUTH;
        if (initial == null) {
            send(begun.challenge());
        } else {
            // A lone "=" is an empty initial response. RFC 4954 §4.
            respond(begun, initial.equals("=") ? "" : initial);
        }
    }

    private Step response(ByteBuffer in) {
        ParseResult result = parser.parseLine(in, command);
        if (result == ParseResult.INCOMPLETE) {
            return Step.NEED_INPUT;
        }
        units++;
        AuthDialogue current = dialogue;
        if (current == null) {
            throw new IllegalStateException("no dialogue in " + state);
        }
        if (result == ParseResult.OVERLONG) {
            endDialogue();
            refuse(Replies.AUTH_LINE_TOO_LONG);
        } else if (result == ParseResult.MALFORMED) {
            endDialogue();
            refuse(Replies.AUTH_MALFORMED);
        } else {
            String line = command.copyLine();
            if (line.equals("*")) {
                endDialogue();
                refuse(Replies.AUTH_CANCELLED);
            } else {
                respond(current, line);
            }
        }
        return outcome();
    }

    private void respond(AuthDialogue current, String base64) {
        switch (current.respond(base64)) {
            case CHALLENGE -> send(current.challenge());
            case MALFORMED -> {
                endDialogue();
                refuse(Replies.AUTH_MALFORMED);
            }
            case INVALID -> {
                endDialogue();
                refuseLogin();
            }
            case CREDENTIALS -> {
                endDialogue();
                String login = current.login();
                String password = current.password();
                question = Question.of(
                        Question.Of.AUTHENTICATOR,
                        () -> role.server().authenticator().authenticate(login, password),
                        this::authenticated,
                        () -> send(Replies.AUTH_UNAVAILABLE));
            }
        }
    }

    private void authenticated(Optional<String> login) {
        if (login.isEmpty()) {
            refuseLogin();
            return;
        }
        info = new SessionInfo(
                info.id(),
                info.remoteAddress(),
                info.localAddress(),
                info.profile(),
                info.helo(),
                info.esmtp(),
                info.tls(),
                login);
        send(Replies.AUTH_DONE);
    }

    private void endDialogue() {
        dialogue = null;
        state = State.READY;
    }

    // Content

    private void data(ByteBuffer in) {
        // Content before 354 is the beginning of smuggling; DATA comes last in a flight. RFC 2920 §3.1.
        if (!role.isSubmission() && in.hasRemaining()) {
            end(Replies.OUT_OF_STEP);
            return;
        }
        Envelope envelope = transaction().toEnvelope();
        question = Question.of(
                Question.Of.HANDLER, () -> target(envelope), this::dataAnswered, () -> send(Replies.LOCAL_ERROR));
    }

    /** A sink that takes content, or the reason why there is none. */
    private record Target(@Nullable MessageSink sink, Reply refusal) {}

    private Target target(Envelope envelope) throws IOException {
        MessageSink sink = driver.carry(handler.data(info, envelope));
        Optional<Reply> refusal;
        try {
            refusal = sink.refusal();
        } catch (RuntimeException e) {
            sink.abort();
            throw e;
        }
        if (refusal.isPresent()) {
            sink.abort();
            return new Target(null, refusal.get());
        }
        return new Target(sink, SmtpHandler.YES);
    }

    private void dataAnswered(Target target) {
        MessageSink sink = target.sink();
        if (sink == null) {
            send(target.refusal());
        } else if (state == State.CLOSED) {
            sink.abort();
        } else {
            messages++;
            String id = info.id() + '.' + messages;
            content = new ContentReceiver(role, info, id, sink, driver::failed);
            state = State.CONTENT;
            send(Replies.START_CONTENT);
        }
    }

    private Step content(ByteBuffer in) {
        ContentReceiver receiver = content;
        if (receiver == null) {
            throw new IllegalStateException("no content in " + state);
        }
        if (!in.hasRemaining()) {
            return Step.NEED_INPUT;
        }
        if (!receiver.receive(in)) {
            if (receiver.isEndless()) {
                end(Replies.TOO_LARGE);
                return outcome();
            }
            return Step.NEED_INPUT;
        }
        units += 1 + receiver.octets() / CONTENT_BLOCK;
        content = null;
        transaction = null;
        state = State.READY;
        boolean pipelining = info.esmtp() && role.profile().offers("PIPELINING");
        EncodedReply refusal = receiver.refusal();
        if (!role.isSubmission() && !pipelining && in.hasRemaining()) {
            receiver.abort();
            end(Replies.OUT_OF_STEP);
        } else if (refusal != null) {
            refuse(refusal);
        } else {
            question = Question.ofSink(receiver::complete, this::messageAnswered, () -> send(Replies.LOCAL_ERROR));
        }
        return outcome();
    }

    private void messageAnswered(Reply reply) {
        if (reply.isIntermediate()) {
            driver.failed(new IllegalStateException("the sink answered end of data with " + reply));
            send(Replies.LOCAL_ERROR);
            return;
        }
        if (reply.isPositive()) {
            budget.messageTaken();
        }
        send(reply);
    }

    /** RFC 3030 §2, not offered: the chunk is dropped, since its size is known; else the session can't go on in step. */
    private void beginChunk(EncodedReply reply) {
        if (command.error() != null) {
            end(Replies.malformed(command.error()));
        } else if (command.chunkOctets() > role.limits().maxMessageOctets()) {
            end(Replies.TOO_LARGE);
        } else {
            stateAfterChunk = state;
            replyAfterChunk = reply;
            chunkOctetsLeft = command.chunkOctets();
            state = State.CHUNK;
            endChunk();
        }
    }

    private Step chunk(ByteBuffer in) {
        int octets = (int) Math.min(chunkOctetsLeft, in.remaining());
        in.position(in.position() + octets);
        units += chunkOctetsLeft / CONTENT_BLOCK - (chunkOctetsLeft - octets) / CONTENT_BLOCK;
        chunkOctetsLeft -= octets;
        endChunk();
        return outcome();
    }

    private void endChunk() {
        if (chunkOctetsLeft == 0) {
            state = stateAfterChunk;
            refuse(replyAfterChunk);
        }
    }

    // Replies

    private Transaction transaction() {
        if (transaction == null) {
            throw new IllegalStateException("no transaction in " + state);
        }
        return transaction;
    }

    private void greet(Reply reply) {
        if (state == State.CLOSED) {
            return;
        }
        if (reply.isPositive()) {
            state = State.GREETED;
            send(role.greeting());
        } else {
            state = State.REFUSED;
            send(reply);
        }
    }

    /** Asks the handler for a reply; where it fails, ours stands for it. */
    private void ask(Callable<Reply> work, Consumer<Reply> answered) {
        question = Question.of(
                Question.Of.HANDLER,
                () -> checked(work.call()),
                answered,
                () -> answered.accept(Replies.LOCAL_ERROR.reply()));
    }

    /** What is neither yes nor no is as wrong as an exception. */
    private static Reply checked(Reply reply) {
        if (reply.isIntermediate()) {
            throw new IllegalStateException("the handler answered a command with " + reply);
        }
        return reply;
    }

    private void idle(EncodedReply reply) {
        if (budget.isIdleTooMany()) {
            end(Replies.TOO_MANY_IDLE);
        } else {
            send(reply);
        }
    }

    private void refuse(EncodedReply reply) {
        if (budget.isErrorTooMany()) {
            end(Replies.TOO_MANY_ERRORS);
        } else {
            send(reply);
        }
    }

    private void refuseRecipient(EncodedReply reply) {
        send(reply);
        countRefusedRecipient();
    }

    private void countRefusedRecipient() {
        transaction().noteRefusedRecipient();
        if (budget.isRefusedRecipientTooMany()) {
            end(Replies.TOO_MANY_REFUSED);
        }
    }

    private void refuseLogin() {
        send(Replies.AUTH_FAILED);
        if (budget.isAuthFailureTooMany()) {
            end(Replies.TOO_MANY_LOGINS);
        }
    }

    private void end(EncodedReply reply) {
        send(reply);
        close();
    }

    private void close() {
        state = State.CLOSED;
        if (content != null) {
            content.abort();
            content = null;
        }
    }

    private void send(EncodedReply reply) {
        if (state == State.CLOSED) {
            return;
        }
        if (role.profile().offers("ENHANCEDSTATUSCODES") || reply.reply().enhanced() == null) {
            reply.writeTo(driver.room(reply.length()));
        } else {
            send(reply.reply());
        }
    }

    private void send(Reply reply) {
        if (state == State.CLOSED) {
            return;
        }
        ReplyOctets.put(reply, role.profile().offers("ENHANCEDSTATUSCODES"), driver);
        if (reply.code() == 421) {
            close();
        }
    }
}

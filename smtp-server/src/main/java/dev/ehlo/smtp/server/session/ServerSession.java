package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.CommandError;
import dev.ehlo.smtp.codec.CommandParser;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionPhase;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of a server, from the greeting, or from the end of a STARTTLS handshake, to its close. Driven step by step
 * by one thread; does no input or output, and waits for nothing: what it has to know it asks, and stands still until the
 * answer comes.
 *
 * <pre>
 *     CONNECTED ─ asked → GREETED ─ EHLO → READY ─ MAIL → MAIL ─ RCPT → RCPT ─ DATA → CONTENT ─ end of data → READY
 *         └─→ REFUSED     READY ─ AUTH → AUTH ─ final reply → READY      └─ BDAT → CHUNK ─ whole → CHUNKED, READY
 *                                                                                └───────── BDAT ─────┘
 *     RSET, EHLO: → READY      STARTTLS, XCLIENT: another session takes over      QUIT, a limit passed: → CLOSED
 * </pre>
 *
 * What each command leads to in each state is the table of {@link Move}. RFC 5321 §3, §4.1.4.
 */
public final class ServerSession {
    /** What may be said in clear where TLS is required. RFC 3207 §4. */
    private static final Set<Verb> CLEAR_VERBS =
            EnumSet.of(Verb.EHLO, Verb.HELO, Verb.NOOP, Verb.RSET, Verb.QUIT, Verb.STARTTLS, Verb.XCLIENT);
    /** A browser made to talk to us brings these; what follows is not mail (ALPACA, CVE-2021-3618). */
    private static final Set<String> HTTP_METHODS =
            Set.of("GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE", "TRACE", "PATCH");

    private final Role role;
    private final Conversation conversation;
    private final EnvelopeCommands envelope;
    private final DataCommand data;
    private final AuthCommand auth;
    private final ChunkCommand chunk;
    private final XclientCommand xclient;
    private final CommandParser parser;
    private final Command command = new Command();
    private boolean begun;
    private boolean turningToTls;
    /** Who serves the client that XCLIENT named. */
    private @Nullable ServerSession successor;

    private boolean draining;
    private boolean quit;

    private ServerSession(Role role, HandlerCalls handler, SessionInfo info, SessionDriver driver, State state) {
        this.role = role;
        this.parser = new CommandParser(role.profile().leniencies());
        this.conversation = new Conversation(role, handler, info, driver, state);
        this.envelope = new EnvelopeCommands(conversation);
        ContentExchange exchange = new ContentExchange(conversation);
        this.data = new DataCommand(conversation, exchange);
        this.auth = new AuthCommand(conversation);
        this.chunk = new ChunkCommand(conversation, exchange);
        this.xclient = new XclientCommand(conversation);
    }

    /** A session that begins with a connection, and so with a greeting. */
    public static ServerSession connected(Role role, HandlerCalls handler, SessionInfo info, SessionDriver driver) {
        return new ServerSession(role, handler, info, driver, State.CONNECTED);
    }

    /** A session that begins where STARTTLS has ended another, of which it knows nothing. RFC 3207 §4.2. */
    public static ServerSession afterStartTls(Role role, HandlerCalls handler, SessionInfo info, SessionDriver driver) {
        return new ServerSession(role, handler, info, driver, State.GREETED);
    }

    /**
     * Does one thing with what has come, and puts its reply. What is consumed moves the position; the rest has to be
     * shown again. An answer may have led to another question, which is then told of without a look at the octets.
     */
    public Step step(ByteBuffer in) {
        State state = conversation.state;
        if (conversation.question != null) {
            return Step.ASK;
        }
        if (state == State.CONNECTED) {
            connect();
            return outcome();
        }
        if (draining && !isReceivingContent() && state != State.CLOSED) {
            conversation.end(Replies.SHUTTING_DOWN);
        }
        if (conversation.isClosed()) {
            return Step.CLOSE;
        }
        if (!in.hasRemaining()) {
            return Step.NEED_INPUT;
        }
        boolean done = switch (state) {
            case CONTENT -> data.take(in);
            case AUTH -> line(in);
            case CHUNK -> chunk.chunk(in);
            default -> command(in);
        };
        return done ? outcome() : Step.NEED_INPUT;
    }

    private Step outcome() {
        if (conversation.isClosed()) {
            return Step.CLOSE;
        }
        if (successor != null) {
            return Step.NEW_CLIENT;
        }
        return conversation.question != null ? Step.ASK : turningToTls ? Step.START_TLS : Step.AGAIN;
    }

    /** The session that {@link Step#NEW_CLIENT} told of: it begins with a greeting, and knows nothing of this one. */
    public ServerSession successor() {
        ServerSession next = successor;
        if (next == null) {
            throw new IllegalStateException("the client is the same in " + conversation.state);
        }
        return next;
    }

    /** Whether the client has said QUIT, and so has nothing more to say. */
    public boolean isQuit() {
        return quit;
    }

    /** The question that {@link Step#ASK} told of. */
    public Question<?> question() {
        Question<?> open = conversation.question;
        if (open == null) {
            throw new IllegalStateException("no question in " + conversation.state);
        }
        return open;
    }

    /** Settles the open question with its answer. After {@link #lost()} the answer is let go properly. */
    public <T> void answer(Question<T> asked, T value) {
        conversation.question = null;
        asked.answer(value);
    }

    /** Settles the open question without an answer, which went wrong: the driver has told the log. */
    public void answerFailed(Question<?> asked) {
        conversation.question = null;
        asked.fail();
    }

    /** Whether the greeting is still to come. */
    public boolean isBeforeGreeting() {
        return conversation.state == State.CONNECTED;
    }

    /** What is known of it now. */
    public SessionInfo info() {
        return conversation.info;
    }

    /** Grows with each command, each line and each block of content: a peer that stands still is told by it. */
    public long progress() {
        return conversation.progress;
    }

    /** Octets of content that have come so far, of all messages. */
    public long contentOctets() {
        return conversation.contentOctets;
    }

    /** What is waited for from the client. */
    public SessionPhase phase() {
        return switch (conversation.state) {
            case GREETED -> SessionPhase.HELLO;
            case AUTH -> SessionPhase.AUTH;
            case CONTENT -> data.isBegun() ? SessionPhase.CONTENT : SessionPhase.CONTENT_START;
            case CHUNK, CHUNKED -> SessionPhase.CONTENT;
            default -> SessionPhase.COMMAND;
        };
    }

    /** Whether content has begun, and is not whole. */
    public boolean isReceivingContent() {
        return switch (conversation.state) {
            case CONTENT, CHUNK, CHUNKED -> true;
            default -> false;
        };
    }

    /** The server goes down: the session is to end with 421 after what is under way. RFC 5321 §3.8. */
    public void drain() {
        draining = true;
    }

    /** The peer has kept silent too long: to be closed. RFC 5321 §4.5.3.2.7. */
    public void timedOut() {
        conversation.end(Replies.TIMED_OUT);
    }

    /** The connection is gone: a message not yet complete is forgotten. RFC 5321 §3.8. */
    public void lost() {
        conversation.close();
    }

    private void connect() {
        conversation.handler.connected(conversation, this::greet, () -> conversation.end(Replies.UNAVAILABLE));
    }

    private void greet(Reply reply) {
        if (conversation.isClosed()) {
            return;
        }
        if (reply.isPositive()) {
            conversation.state = State.GREETED;
            conversation.send(role.greeting());
        } else {
            conversation.state = State.REFUSED;
            conversation.send(reply);
        }
    }

    private boolean line(ByteBuffer in) {
        ParseResult result = parser.parseLine(in, command);
        if (result == ParseResult.INCOMPLETE) {
            return false;
        }
        conversation.progress++;
        auth.line(result, command);
        return true;
    }

    private boolean command(ByteBuffer in) {
        if (!begun) {
            begun = true;
            int first = in.get(in.position()) | 0x20;
            if (first < 'a' || first > 'z') {
                conversation.close();
                return true;
            }
        }
        ParseResult result = parser.parse(in, command);
        if (result == ParseResult.INCOMPLETE) {
            return false;
        }
        if (command.verb() != Verb.BDAT || conversation.content == null) {
            // Chunks are content, and get somewhere by their octets, not by their number.
            conversation.progress++;
        }
        if (result == ParseResult.OVERLONG && command.verb() == Verb.BDAT) {
            // A chunk may follow, which must not be run as commands.
            conversation.end(Replies.LINE_TOO_LONG);
        } else if (result == ParseResult.OVERLONG) {
            conversation.refuse(Replies.LINE_TOO_LONG);
        } else {
            dispatch(in);
        }
        return true;
    }

    private void dispatch(ByteBuffer in) {
        Verb verb = command.verb();
        boolean needsTls = role.isSubmission() && conversation.info.tls().isEmpty();
        if (verb == Verb.UNKNOWN && isHttp()) {
            conversation.close();
        } else if (verb == Verb.BDAT) {
            chunk.begin(command, needsTls ? Replies.TLS_FIRST : chunkRefusal());
        } else if (verb == Verb.DATA && in.hasRemaining() && !role.isSubmission()) {
            // Content before 354 is the beginning of smuggling; DATA comes last in a flight. RFC 2920 §3.1.
            conversation.end(Replies.OUT_OF_STEP);
        } else if (needsTls && !CLEAR_VERBS.contains(verb)) {
            refuse(verb == Verb.AUTH ? Replies.TLS_BEFORE_AUTH : Replies.TLS_FIRST, in);
        } else if (command.error() != null) {
            refuse(Replies.malformed(command.error()), in);
        } else {
            move(Move.of(conversation.state, role.read(verb)), in);
        }
    }

    private @Nullable EncodedReply chunkRefusal() {
        CommandError error = command.error();
        if (error != null) {
            return Replies.malformed(error);
        }
        boolean offered = role.offers(Extension.CHUNKING) && conversation.info.esmtp();
        return offered || conversation.state == State.GREETED
                ? refusal(Move.of(conversation.state, Verb.BDAT))
                : Replies.NOT_IMPLEMENTED;
    }

    /** What is answered where the move leads nowhere; null if it leads somewhere. */
    private @Nullable EncodedReply refusal(Move move) {
        return switch (move) {
            case HELLO_FIRST -> role.isLmtp() ? Replies.LHLO_FIRST : Replies.HELLO_FIRST;
            case NESTED_MAIL -> Replies.NESTED_MAIL;
            case NO_RECIPIENT ->
                // In LMTP it is 503 whatever was said before. RFC 2033 §4.2.
                conversation.transaction().hasRefusedRecipient() && !role.isLmtp()
                        ? Replies.NO_VALID_RECIPIENT
                        : Replies.NO_RECIPIENT;
            case NOT_IMPLEMENTED -> Replies.NOT_IMPLEMENTED;
            case UNKNOWN -> Replies.UNKNOWN;
            case BAD_SEQUENCE -> Replies.BAD_SEQUENCE;
            default -> null;
        };
    }

    private void move(Move move, ByteBuffer in) {
        EncodedReply refusal = refusal(move);
        if (refusal != null) {
            refuse(refusal, in);
            return;
        }
        switch (move) {
            case HELLO -> hello();
            case MAIL -> envelope.mail(command);
            case RCPT -> envelope.rcpt(command);
            case DATA -> data.begin(in.hasRemaining());
            case RESET -> reset();
            case NOOP -> conversation.idle(Replies.OK);
            case HELP -> conversation.idle(Replies.HELP);
            case VERIFY -> conversation.idle(Replies.CANNOT_VERIFY);
            case STARTTLS -> startTls(in);
            case AUTH -> auth.begin(command);
            case XCLIENT -> xclient();
            case QUIT -> {
                quit = true;
                conversation.end(Replies.BYE);
            }
            default -> throw new IllegalStateException(move + " is done elsewhere");
        }
    }

    private void refuse(EncodedReply refusal, ByteBuffer in) {
        data.refuse(refusal, command.verb() == Verb.DATA && in.hasRemaining());
    }

    private boolean isHttp() {
        String line = command.copyLine();
        int space = line.indexOf(' ');
        return HTTP_METHODS.contains(space < 0 ? line : line.substring(0, space));
    }

    /** RFC 5321 §4.1.4: EHLO also does what RSET does. */
    private void hello() {
        SessionInfo candidate = conversation.info.greetedBy(command.copyArgument(), command.verb() != Verb.HELO);
        conversation.handler.hello(conversation, candidate, reply -> {
            if (!reply.isPositive()) {
                conversation.refuse(reply);
            } else if (!conversation.isClosed()) {
                conversation.info = candidate;
                conversation.forgetTransaction();
                conversation.state = State.READY;
                conversation.idle(candidate.esmtp() ? xclient.offeredIn(role.ehlo(candidate, auth)) : role.helo());
            }
        });
    }

    private void reset() {
        conversation.forgetTransaction();
        if (conversation.state != State.GREETED) {
            conversation.state = State.READY;
        }
        conversation.idle(Replies.OK);
    }

    private void xclient() {
        SessionInfo client = xclient.client(command);
        if (client != null) {
            successor = new ServerSession(role, conversation.handler, client, conversation.driver, State.CONNECTED);
        }
    }

    private void startTls(ByteBuffer in) {
        if (conversation.info.tls().isPresent()) {
            conversation.refuse(Replies.TLS_ALREADY);
        } else if (!role.offersStartTls()) {
            conversation.refuse(Replies.NOT_IMPLEMENTED);
        } else if (in.hasRemaining()) {
            // Commands in clear to be taken for commands under TLS (CVE-2011-0411). RFC 3207 §6.
            conversation.end(Replies.OUT_OF_STEP);
        } else {
            // The session that goes on under TLS knows nothing of this one's, a sink that waits for chunks included.
            conversation.forgetTransaction();
            conversation.send(Replies.START_TLS);
            turningToTls = true;
        }
    }
}

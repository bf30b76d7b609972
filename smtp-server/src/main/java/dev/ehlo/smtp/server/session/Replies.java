package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.CommandError;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.Refusal;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the server says of itself, encoded once. Codes of RFC 5321 §4.2.3, RFC 3463 and RFC 4954 §6. */
public final class Replies {
    /** By identity: a handler may say the same in the same words. Not changed any more once this class is there. */
    private static final IdentityHashMap<Reply, Refusal> REASONS = new IdentityHashMap<>();

    static final EncodedReply OK = say(250, "2.0.0", "OK");
    static final EncodedReply BYE = say(221, "2.0.0", "Bye");
    static final EncodedReply HELP = say(214, "2.0.0", "See RFC 5321");
    /** RFC 5321 §3.5.3. */
    static final EncodedReply CANNOT_VERIFY =
            say(252, "2.5.0", "Cannot VRFY user, but will take mail and attempt delivery");

    static final EncodedReply START_CONTENT = bare(354, "End data with <CR><LF>.<CR><LF>");
    static final EncodedReply CHUNK_TAKEN = say(250, "2.0.0", "Chunk taken");
    static final EncodedReply START_TLS = say(220, "2.0.0", "Ready to start TLS");

    static final EncodedReply UNKNOWN = say(500, "5.5.1", "Command not recognized");
    static final EncodedReply LINE_TOO_LONG = say(Refusal.LINE_LENGTH, 500, "5.5.2", "Line too long");
    static final EncodedReply NOT_IMPLEMENTED = say(502, "5.5.1", "Command not implemented");
    static final EncodedReply BAD_SEQUENCE = say(503, "5.5.1", "Bad sequence of commands");
    static final EncodedReply HELLO_FIRST = say(503, "5.5.1", "Send EHLO or HELO first");
    static final EncodedReply LHLO_FIRST = say(503, "5.5.1", "Send LHLO first");
    static final EncodedReply NESTED_MAIL = say(503, "5.5.1", "Transaction under way already");
    static final EncodedReply NO_RECIPIENT = say(503, "5.5.1", "No recipient yet");
    static final EncodedReply NO_VALID_RECIPIENT = say(554, "5.5.1", "No valid recipients");
    /** The greeting of a client that should have waited for it. RFC 5321 §4.3.1. */
    public static final EncodedReply TALKED_EARLY =
            say(Refusal.EARLY_TALKER, 554, "5.5.1", "Octets sent before the greeting");

    static final EncodedReply OUT_OF_STEP = say(Refusal.OUT_OF_STEP, 554, "5.5.0", "Octets sent before their turn");

    static final EncodedReply UNKNOWN_PARAMETER = say(555, "5.5.4", "Parameter not recognized or not implemented");
    static final EncodedReply BAD_BODY = say(501, "5.5.4", "BODY is 7BIT or 8BITMIME");
    static final EncodedReply HELD_TOO_LONG = say(501, "5.5.4", "Time to hold is beyond what is offered");
    /** RFC 3030 §3. */
    static final EncodedReply BINARY_BY_BDAT = say(503, "5.5.1", "Binary content comes by BDAT");

    static final EncodedReply NEEDS_SMTPUTF8 = say(553, "5.6.7", "Address needs the parameter SMTPUTF8 on MAIL");
    /** What a message over the limit of octets is answered. */
    public static final EncodedReply TOO_LARGE =
            say(Refusal.MESSAGE_SIZE, 552, "5.3.4", "Message exceeds the size limit");

    static final EncodedReply HEADER_TOO_LARGE =
            say(Refusal.HEADER_SIZE, 552, "5.3.4", "Message header exceeds the size limit");
    /** RFC 5321 §4.5.3.1.10: 452, so that the client sends another transaction for the rest. */
    static final EncodedReply TOO_MANY_RECIPIENTS = say(Refusal.RECIPIENTS, 452, "4.5.3", "Too many recipients");

    static final EncodedReply RELAY_DENIED = say(Refusal.RELAYING, 550, "5.7.1", "Relaying denied");
    static final EncodedReply NOT_YOUR_MAILBOX =
            say(Refusal.SENDER_NOT_OWNED, 553, "5.7.1", "Sender is not yours to use");
    /** RFC 6409 §6.1: on what the header says. */
    static final EncodedReply NOT_YOUR_AUTHORS =
            say(Refusal.SENDER_NOT_OWNED, 550, "5.7.1", "From or Sender is not yours to use");
    /** RFC 5322 §3.6. */
    static final EncodedReply BAD_AUTHORS =
            say(Refusal.BAD_AUTHORS, 550, "5.6.0", "One From and at most one Sender, with addresses, needed");

    static final EncodedReply BARE_NEWLINE = say(Refusal.BARE_NEWLINE, 550, "5.6.11", "Content holds a bare CR or LF");
    /** RFC 5321 §6.3. */
    static final EncodedReply MAIL_LOOP = say(Refusal.MAIL_LOOP, 554, "5.4.6", "Too many Received fields: mail loop");

    static final EncodedReply TLS_FIRST = say(Refusal.TLS_NEEDED, 530, "5.7.0", "Must issue a STARTTLS command first");
    static final EncodedReply TLS_BEFORE_AUTH = say(Refusal.TLS_NEEDED, 538, "5.7.11", "Encryption required for AUTH");
    static final EncodedReply TLS_ALREADY = say(503, "5.5.1", "Under TLS already");
    static final EncodedReply AUTH_FIRST = say(Refusal.LOGIN_NEEDED, 530, "5.7.0", "Authentication required");
    static final EncodedReply AUTH_ALREADY = say(503, "5.5.1", "Authenticated already");
    static final EncodedReply AUTH_DONE = say(235, "2.7.0", "Authentication successful");
    static final EncodedReply AUTH_FAILED = say(535, "5.7.8", "Authentication credentials invalid");
    static final EncodedReply AUTH_CANCELLED = say(501, "5.7.0", "Authentication cancelled");
    static final EncodedReply AUTH_MALFORMED = say(501, "5.5.2", "Malformed response");
    static final EncodedReply AUTH_LINE_TOO_LONG =
            say(Refusal.LINE_LENGTH, 500, "5.5.6", "Authentication exchange line is too long");
    static final EncodedReply AUTH_UNKNOWN = say(504, "5.5.4", "Mechanism not offered");
    static final EncodedReply AUTH_UNAVAILABLE =
            say(Refusal.LOCAL_ERROR, 454, "4.7.0", "Temporary authentication failure");
    static final EncodedReply AUTH_LOCKED_OUT = say(454, "4.7.0", "Too many failed logins, try again later");

    static final EncodedReply XCLIENT_DENIED = say(550, "5.7.0", "Not for you to say");
    static final EncodedReply BAD_ATTRIBUTE = say(501, "5.5.4", "Attribute malformed or not offered");
    /** What a connection too many is told. RFC 5321 §3.8. */
    public static final EncodedReply TOO_MANY_CONNECTIONS =
            say(Refusal.TOO_MANY_CONNECTIONS, 421, "4.7.0", "Too many connections");

    private static final EncodedReply TOO_MANY_OF_ADDRESS =
            say(Refusal.TOO_MANY_OF_ADDRESS, 421, "4.7.0", "Too many connections from your address");
    private static final EncodedReply TOO_MANY_OF_NETWORK =
            say(Refusal.TOO_MANY_OF_NETWORK, 421, "4.7.0", "Too many connections from your network");
    private static final EncodedReply CONNECTION_RATE =
            say(Refusal.CONNECTION_RATE, 421, "4.7.0", "Too many connections in a short time, try again later");
    /** RFC 5321 §3.1. */
    private static final EncodedReply DENIED = say(Refusal.DENIED, 554, "5.7.1", "Your network is not served here");

    private static final Map<Wait, EncodedReply> MESSAGE_RATE = later(Refusal.MESSAGE_RATE, "Too many messages");
    private static final Map<Wait, EncodedReply> RECIPIENT_RATE = later(Refusal.RECIPIENT_RATE, "Too many recipients");

    /** What a connection is told that the server has no strength for. RFC 5321 §3.8. */
    private static final EncodedReply OVERLOADED =
            say(Refusal.OVERLOAD, 421, "4.3.2", "System under load, try again later");
    /** What a transaction is told that the server has no strength for. */
    static final EncodedReply NO_TRANSACTION_NOW =
            say(Refusal.OVERLOAD, 452, "4.3.1", "System under load, try again later");

    static final EncodedReply LOCAL_ERROR = say(Refusal.LOCAL_ERROR, 451, "4.3.0", "Local error in processing");
    static final EncodedReply UNAVAILABLE = say(Refusal.LOCAL_ERROR, 421, "4.3.0", "Service not available, closing");
    static final EncodedReply TOO_MANY_ERRORS = say(Refusal.ERRORS, 421, "4.7.0", "Too many errors, closing");
    static final EncodedReply TOO_MANY_IDLE =
            say(Refusal.IDLE_COMMANDS, 421, "4.7.0", "Too many commands without a message, closing");
    static final EncodedReply TOO_MANY_REFUSED =
            say(Refusal.REFUSED_RECIPIENTS, 421, "4.7.0", "Too many refused recipients, closing");
    static final EncodedReply TOO_MANY_TRANSACTIONS =
            say(Refusal.TRANSACTIONS, 421, "4.7.0", "Too many transactions in one session, closing");
    static final EncodedReply TOO_MANY_LOGINS =
            say(Refusal.FAILED_LOGINS, 421, "4.7.0", "Too many failed logins, closing");
    static final EncodedReply TIMED_OUT = say(Refusal.TIMEOUT, 421, "4.4.2", "Timeout, closing");
    static final EncodedReply SHUTTING_DOWN = say(Refusal.SHUTTING_DOWN, 421, "4.3.2", "System shutting down");

    private static final Map<CommandError, EncodedReply> MALFORMED = new EnumMap<>(CommandError.class);

    static {
        for (CommandError error : CommandError.values()) {
            MALFORMED.put(error, new EncodedReply(error.reply()));
        }
    }

    private Replies() {}

    /** What a client is told that may not come in, for that reason. */
    public static EncodedReply toConnection(Refusal reason) {
        return switch (reason) {
            case TOO_MANY_OF_ADDRESS -> TOO_MANY_OF_ADDRESS;
            case TOO_MANY_OF_NETWORK -> TOO_MANY_OF_NETWORK;
            case CONNECTION_RATE -> CONNECTION_RATE;
            case DENIED -> DENIED;
            case OVERLOAD -> OVERLOADED;
            default -> TOO_MANY_CONNECTIONS;
        };
    }

    /** What a transaction too soon is told, that may begin after so many nanoseconds. */
    static EncodedReply tooManyMessages(long waitNanos) {
        return Objects.requireNonNull(MESSAGE_RATE.get(Wait.of(waitNanos)));
    }

    /** What a recipient too soon is told, that may come after so many nanoseconds. */
    static EncodedReply tooManyRecipients(long waitNanos) {
        return Objects.requireNonNull(RECIPIENT_RATE.get(Wait.of(waitNanos)));
    }

    private static Map<Wait, EncodedReply> later(Refusal reason, String text) {
        Map<Wait, EncodedReply> replies = new EnumMap<>(Wait.class);
        for (Wait wait : Wait.values()) {
            replies.put(wait, say(reason, 451, "4.7.1", text + ", try again in " + wait.text()));
        }
        return replies;
    }

    static EncodedReply malformed(CommandError error) {
        return Objects.requireNonNull(MALFORMED.get(error));
    }

    /** The name of why that is said, where it is one of these replies and has one; null for any other. */
    static @Nullable Refusal reason(Reply reply) {
        return REASONS.get(reply);
    }

    private static EncodedReply say(Refusal reason, int code, String enhanced, String text) {
        EncodedReply reply = say(code, enhanced, text);
        REASONS.put(reply.reply(), reason);
        return reply;
    }

    private static EncodedReply say(int code, String enhanced, String text) {
        return new EncodedReply(Reply.of(code, enhanced, text));
    }

    private static EncodedReply bare(int code, String text) {
        return new EncodedReply(Reply.of(code, text));
    }
}

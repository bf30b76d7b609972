package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.PathSpan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One command line, seen in place: a view on the buffer that {@link CommandParser} read, reused by each parse, and
 * valid until the next parse or until the buffer changes. What must live longer is taken out by a method whose name
 * begins with {@code to} or {@code copy}; nothing else here allocates.
 */
@SuppressWarnings("EnumOrdinal") // CommandGrammar says why constants are kept as numbers
public final class Command {
    /** Parameters on one MAIL or RCPT; more is {@link CommandError#TOO_MANY_PARAMETERS}. */
    public static final int MAX_PARAMETERS = 24;

    private static final Verb[] VERBS = Verb.values();
    private static final CommandError[] ERRORS = CommandError.values();
    private static final int UNKNOWN = Verb.UNKNOWN.ordinal();
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    ByteBuffer in = NOTHING;
    /** The ordinal of the verb. */
    int verb = UNKNOWN;
    /** The ordinal of what is wrong. */
    int fault = CommandGrammar.WELL_FORMED;

    int lineStart;
    int lineEnd;
    int argumentStart;
    final PathSpan path = new PathSpan();
    private final PathMemo senders = new PathMemo();
    private final PathMemo recipients = new PathMemo();
    /** Four indices a parameter: keyword from and to, value from and to; the last two are -1 without a value. */
    final int[] parameters = new int[4 * MAX_PARAMETERS];

    int parameterCount;
    /** A bit for each {@link EsmtpKeyword} that is among the parameters, and the number of its value. */
    int keywords;

    final long[] numbers = new long[EsmtpKeyword.values().length];
    long chunkOctets = -1;
    boolean lastChunk;
    int initialResponseStart = -1;

    /** A view with nothing in it yet. */
    public Command() {}

    /**
     * Becomes a view of another line, nothing of which is known yet. What belongs to some verbs alone is left as it
     * was, for their grammar to set and for no other verb to tell.
     */
    @SuppressWarnings("ReferenceEquality")
    void reset(ByteBuffer buffer, int from, int to) {
        // Most often it is the same buffer, and to compare is cheaper than to store a reference.
        if (in != buffer) {
            in = buffer;
        }
        verb = UNKNOWN;
        fault = CommandGrammar.WELL_FORMED;
        lineStart = from;
        lineEnd = to;
        argumentStart = from;
        parameterCount = 0;
        keywords = 0;
    }

    /** Puts down where one parameter lies; {@code value} is -1 if it has none. */
    void parameter(int place, int keyword, int keywordEnd, int value, int end) {
        int at = 4 * place;
        parameters[at] = keyword;
        parameters[at + 1] = keywordEnd;
        parameters[at + 2] = value;
        parameters[at + 3] = value < 0 ? -1 : end;
        parameterCount = place + 1;
    }

    boolean is(Verb other) {
        return verb == other.ordinal();
    }

    /** The verb, {@link Verb#UNKNOWN} for a name that the parser does not know. */
    public Verb verb() {
        return VERBS[verb];
    }

    /** Why the line is malformed; null after COMPLETE. */
    public @Nullable CommandError error() {
        return fault == CommandGrammar.WELL_FORMED ? null : ERRORS[fault];
    }

    /** The octets of the line, without its CRLF and trailing blanks. */
    public int length() {
        return lineEnd - lineStart;
    }

    /** Whether anything follows the verb. */
    public boolean hasArgument() {
        return argumentStart < lineEnd;
    }

    /** The line as text, without its CRLF. It is the peer's: escape it before it goes to a log or a reply. */
    public String copyLine() {
        return Octets.text(in, lineStart, lineEnd);
    }

    /** What follows the verb and its space, as text; empty if nothing does. */
    public String copyArgument() {
        return Octets.text(in, argumentStart, lineEnd);
    }

    /** The path of MAIL. Call it only after COMPLETE. */
    public ReversePath toReversePath() {
        return path.isEmpty()
                ? ReversePath.NULL
                : new ReversePath(senders.mailbox(in, path.localStart, path.domainEnd));
    }

    /** The path of RCPT. Call it only after COMPLETE. */
    public Mailbox toForwardPath() {
        return path.isPostmaster() ? Mailbox.POSTMASTER : recipients.mailbox(in, path.localStart, path.domainEnd);
    }

    /** Whether the path holds an octet above 127, which needs SMTPUTF8. RFC 6531 §3.3. */
    public boolean isPathUtf8() {
        return (is(Verb.MAIL) || is(Verb.RCPT)) && path.utf8;
    }

    /** How many parameters MAIL or RCPT has. */
    public int parameterCount() {
        return parameterCount;
    }

    /** Whether any parameter of MAIL or RCPT is one of {@link EsmtpKeyword}. */
    public boolean hasKnownParameter() {
        return keywords != 0;
    }

    /** Whether the parameter is among those of MAIL or RCPT. */
    public boolean hasParameter(EsmtpKeyword keyword) {
        return (keywords & 1 << keyword.ordinal()) != 0;
    }

    /**
     * What the parameter says, as a number: octets for SIZE, the ordinal of its constant for BODY and RET, a bit for
     * each constant for NOTIFY, the priority for MT-PRIORITY, seconds for HOLDFOR, seconds since 1970 for HOLDUNTIL and
     * RRVS, and 0 for the others. Call it only after COMPLETE, and only if {@link #hasParameter}.
     */
    public long parameterNumber(EsmtpKeyword keyword) {
        return numbers[keyword.ordinal()];
    }

    /** The parameters of MAIL or RCPT. Call it only after COMPLETE. */
    public EsmtpParameters toParameters() {
        if (parameterCount == 0) {
            return EsmtpParameters.NONE;
        }
        List<EsmtpParameter> list = new ArrayList<>(parameterCount);
        for (int i = 0; i < 4 * parameterCount; i += 4) {
            String keyword = Octets.text(in, parameters[i], parameters[i + 1]);
            String value = parameters[i + 2] < 0 ? null : Octets.text(in, parameters[i + 2], parameters[i + 3]);
            list.add(new EsmtpParameter(keyword, value));
        }
        return new EsmtpParameters(list);
    }

    /**
     * The octets of the chunk that follows BDAT. RFC 3030 §2. After MALFORMED too, so that the chunk can be skipped and
     * the session stays in step; -1 if the command does not tell, and there is no staying in step.
     */
    public long chunkOctets() {
        return is(Verb.BDAT) ? chunkOctets : -1;
    }

    /** Whether BDAT said LAST. */
    public boolean isLastChunk() {
        return is(Verb.BDAT) && lastChunk;
    }

    /** The mechanism of AUTH, in the case it came in. Call it only after AUTH. */
    public String copyMechanism() {
        return Octets.text(in, argumentStart, initialResponseStart < 0 ? lineEnd : initialResponseStart - 1);
    }

    /** The initial response of AUTH, still in base64 ({@code =} is the empty one); null if there is none. */
    public @Nullable String copyInitialResponse() {
        return hasInitialResponse() ? Octets.text(in, initialResponseStart, lineEnd) : null;
    }

    /** Whether AUTH came with an initial response; {@link SaslLine#initialResponse} decodes it. */
    public boolean hasInitialResponse() {
        return is(Verb.AUTH) && initialResponseStart >= 0;
    }
}

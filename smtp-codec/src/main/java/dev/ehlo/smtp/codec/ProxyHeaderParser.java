package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.codec.ProxyHeader.Command;
import dev.ehlo.smtp.codec.ProxyHeader.Family;
import dev.ehlo.smtp.codec.ProxyHeader.Transport;
import java.nio.ByteBuffer;

/**
 * Reads the header that a proxy puts before everything else on a connection: the PROXY protocol by W. Tarreau, its line
 * of text (version 1, §2.1) and its binary form (version 2, §2.2). Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed. Keeps nothing between calls and allocates nothing, so that one
 * serves all connections of a thread.
 *
 * <p>Whoever can send a header chooses its address: parse one only on a port that is set to have it, from proxies that
 * are trusted, and within a deadline; never guess whether one comes (§2, §5). On {@link ParseResult#MALFORMED}, told as
 * soon as it shows, and on {@link ParseResult#OVERLONG} nothing is consumed either, and the connection is to be closed.
 */
public final class ProxyHeaderParser {
    /** Octets of the line of version 1 with its CRLF, §2.1. */
    public static final int MAX_LINE = 107;
    /**
     * Octets of addresses and TLVs in version 2. Its length field would allow 65,535, and the specification wants the
     * whole to fit a TCP segment; this has room for a client's certificate, and an input buffer holds it.
     */
    public static final int MAX_BLOCK = 4096;

    /** Octets of version 2 before the addresses. */
    static final int FIXED = 16;

    /** Octets of the longest header: an input buffer of this size or more will do. */
    public static final int MAX_HEADER = FIXED + MAX_BLOCK;

    private static final byte[] LINE_START = {'P', 'R', 'O', 'X', 'Y', ' '};
    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    static final int LOCAL = 0x20;
    static final int PROXY = 0x21;
    private static final Family[] FAMILIES = Family.values();
    private static final Transport[] TRANSPORTS = Transport.values();

    private final ProxyLineGrammar lineGrammar = new ProxyLineGrammar();
    private final ProxyBlockGrammar blockGrammar = new ProxyBlockGrammar();

    /** A parser for one thread. */
    public ProxyHeaderParser() {}

    /** What version 2 begins with. */
    static byte[] signature() {
        return SIGNATURE.clone();
    }

    /** Parses one header from the position on. */
    public ParseResult parse(ByteBuffer in, ProxyHeader header) {
        int start = in.position();
        boolean line = in.hasRemaining() && in.get(start) == LINE_START[0];
        header.reset(line ? 1 : 2);
        byte[] begin = line ? LINE_START : SIGNATURE;
        int known = Math.min(begin.length, in.remaining());
        for (int i = 0; i < known; i++) {
            if (in.get(start + i) != begin[i]) {
                return malformed(header, ProxyError.NO_SIGNATURE);
            }
        }
        if (known < begin.length) {
            return ParseResult.INCOMPLETE;
        }
        return line ? line(in, start, header) : binary(in, start, header);
    }

    private ParseResult line(ByteBuffer in, int start, ProxyHeader header) {
        int to = Math.min(in.limit(), start + MAX_LINE);
        for (int at = start + LINE_START.length; at < to; at++) {
            int octet = in.get(at);
            if (octet != '\r' && octet != '\n' || octet == '\r' && at + 1 == to) {
                continue;
            }
            if (octet == '\n' || in.get(at + 1) != '\n') {
                return malformed(header, ProxyError.BARE_NEWLINE);
            }
            if (!lineGrammar.read(in, start + LINE_START.length, at, header)) {
                return malformed(header, ProxyError.BAD_FIELD);
            }
            in.position(at + 2);
            return ParseResult.COMPLETE;
        }
        return to == start + MAX_LINE ? ParseResult.OVERLONG : ParseResult.INCOMPLETE;
    }

    private ParseResult binary(ByteBuffer in, int start, ProxyHeader header) {
        int available = in.remaining();
        int at = start + SIGNATURE.length;
        int command = available > SIGNATURE.length ? in.get(at) : LOCAL;
        if (command != LOCAL && command != PROXY) {
            return malformed(header, ProxyError.BAD_COMMAND);
        }
        // LOCAL has no use for addresses, and its family is to be ignored.
        int kind = command == PROXY && available > SIGNATURE.length + 1 ? in.get(at + 1) & 0xff : 0;
        if (kind >> 4 >= FAMILIES.length || (kind & 0xf) >= TRANSPORTS.length) {
            return malformed(header, ProxyError.BAD_FAMILY);
        }
        if (available < FIXED) {
            return ParseResult.INCOMPLETE;
        }
        int octets = (int) ProxyBlockGrammar.number(in, at + 2, Short.BYTES);
        if (octets > MAX_BLOCK) {
            return ParseResult.OVERLONG;
        }
        header.command = command == LOCAL ? Command.LOCAL : Command.PROXY;
        header.transport = TRANSPORTS[kind & 0xf];
        header.family = header.transport == Transport.UNSPEC ? Family.UNSPEC : FAMILIES[kind >> 4];
        if (octets < ProxyBlockGrammar.addressOctets(header.family)) {
            return malformed(header, ProxyError.BAD_LENGTH);
        }
        if (available < FIXED + octets) {
            return ParseResult.INCOMPLETE;
        }
        int end = start + FIXED + octets;
        ProxyError error = blockGrammar.read(in, start, start + FIXED, end, header);
        if (error != null) {
            return malformed(header, error);
        }
        in.position(end);
        return ParseResult.COMPLETE;
    }

    /** Nothing of a header that was refused is left in the view. */
    private static ParseResult malformed(ProxyHeader header, ProxyError error) {
        header.reset(header.version);
        header.error = error;
        return ParseResult.MALFORMED;
    }
}

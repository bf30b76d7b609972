package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.codec.ProxyHeader.Command;
import dev.ehlo.smtp.codec.ProxyHeader.Family;
import dev.ehlo.smtp.codec.ProxyHeader.Transport;
import java.nio.ByteBuffer;

/** What stands behind {@code PROXY} in a header of version 1, §2.1 of the specification. Allocates nothing. */
final class ProxyLineGrammar {
    private static final int MAX_PORT = 0xffff;

    private final ProxyAddressText text = new ProxyAddressText();

    /** Reads {@code from} to {@code to}, all of it; false if it is no such line. */
    boolean read(ByteBuffer in, int from, int to, ProxyHeader header) {
        header.command = Command.PROXY;
        if (isWord(in, from, to, "UNKNOWN")) {
            // What follows is to be ignored, whatever it is.
            return true;
        }
        boolean inet = isWord(in, from, to, "TCP4");
        if (!inet && !isWord(in, from, to, "TCP6")) {
            return false;
        }
        int source = next(in, from, to);
        int destination = next(in, source, to);
        int sourcePort = next(in, destination, to);
        int destinationPort = next(in, sourcePort, to);
        if (!address(in, source, destination - 1, inet)) {
            return false;
        }
        header.sourceHigh = text.high;
        header.sourceLow = text.low;
        if (!address(in, destination, sourcePort - 1, inet)) {
            return false;
        }
        header.destinationHigh = text.high;
        header.destinationLow = text.low;
        header.sourcePort = ProxyAddressText.decimal(in, sourcePort, destinationPort - 1, MAX_PORT);
        header.destinationPort = ProxyAddressText.decimal(in, destinationPort, to, MAX_PORT);
        header.family = inet ? Family.INET : Family.INET6;
        header.transport = Transport.STREAM;
        return header.sourcePort >= 0 && header.destinationPort >= 0;
    }

    private boolean address(ByteBuffer in, int from, int to, boolean inet) {
        return inet ? text.ipv4(in, from, to) : text.ipv6(in, from, to);
    }

    /** Behind the next space; behind the end if there is none, where every field is empty. */
    private static int next(ByteBuffer in, int from, int to) {
        int space = ProxyAddressText.indexOf(in, from, to, ' ');
        return (space < 0 ? to : space) + 1;
    }

    private static boolean isWord(ByteBuffer in, int from, int to, String word) {
        int end = from + word.length();
        if (end > to || end < to && in.get(end) != ' ') {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (in.get(from + i) != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}

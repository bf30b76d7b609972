package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.ReplyEncoder;

/** Puts replies that others have made, of whatever length. */
final class ReplyOctets {
    private ReplyOctets() {}

    /** Puts the reply; without its enhanced status code where those are not offered (RFC 2034 §4). How many octets. */
    static int put(Reply reply, boolean enhanced, SessionDriver driver) {
        byte[] octets = enhanced ? ReplyEncoder.encode(reply) : ReplyEncoder.encodeWithoutEnhanced(reply);
        for (int from = 0; from < octets.length; from += SessionDriver.MAX_ROOM) {
            int length = Math.min(SessionDriver.MAX_ROOM, octets.length - from);
            driver.room(length).put(octets, from, length);
        }
        return octets.length;
    }
}

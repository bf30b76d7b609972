package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import org.jspecify.annotations.Nullable;

/**
 * Replies of the handler that come again, with their octets: handlers keep theirs as constants, so they are told by
 * identity. What comes once, such as a reply with a queue id, is not encoded here. Shared by the sessions of a role;
 * a race between two costs an encoding more and nothing else.
 */
final class KnownReplies {
    private static final int PLACES = 32;

    private record Known(Reply reply, @Nullable EncodedReply encoded) {}

    private final @Nullable Known[] places = new Known[PLACES];

    /** The octets of the reply, if it has come before. */
    @SuppressWarnings("ReferenceEquality") // to compare the texts would cost more than is to be saved
    @Nullable
    EncodedReply find(Reply reply) {
        int place = System.identityHashCode(reply) & PLACES - 1;
        Known known = places[place];
        if (known == null || known.reply() != reply) {
            places[place] = new Known(reply, null);
            return null;
        }
        EncodedReply encoded = known.encoded();
        if (encoded == null) {
            encoded = new EncodedReply(reply);
            places[place] = new Known(reply, encoded);
        }
        return encoded;
    }
}

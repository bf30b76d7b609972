package dev.ehlo.smtp.client;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.Octets;

/** Replies in outcomes where no server replied, or none that could be used. RFC 3463. */
final class OwnReply {
    private OwnReply() {}

    /** The reply; what the text quotes of peers and of DNS is escaped. */
    static Reply of(int code, String enhanced, String text) {
        return Reply.of(code, EnhancedStatusCode.parse(enhanced), Octets.printable(text));
    }
}

package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.List;

/** What the reply parser makes of octets that come in pieces; it ends with the first failure. */
final class ReplyEvents {
    private ReplyEvents() {}

    static List<String> of(List<byte[]> pieces, boolean direct) {
        ReplyParser parser = new ReplyParser();
        ReplyView view = new ReplyView();
        List<String> events = new ArrayList<>();
        boolean[] failed = new boolean[1];
        Wire.receive(pieces, direct, in -> {
            while (!failed[0]) {
                int position = in.position();
                ParseResult result = parser.parse(in, view);
                if (result == ParseResult.COMPLETE) {
                    Reply reply = view.toReply();
                    assertThat(view.toReply()).isEqualTo(reply);
                    assertThat(tellsTheSame(view, reply)).isTrue();
                    events.add(shown(reply));
                    continue;
                }
                assertThat(in.position()).isEqualTo(position);
                if (result == ParseResult.INCOMPLETE) {
                    return;
                }
                events.add(result.name());
                failed[0] = true;
            }
        });
        return events;
    }

    private static boolean tellsTheSame(ReplyView view, Reply reply) {
        EnhancedStatusCode enhanced = reply.enhanced();
        return view.code() == reply.code()
                && view.lineCount() == reply.lines().size()
                && view.copyLines().equals(reply.lines())
                && view.isPositive() == reply.isPositive()
                && view.isIntermediate() == reply.isIntermediate()
                && view.isTransient() == reply.isTransient()
                && view.isPermanent() == reply.isPermanent()
                && view.hasEnhanced() == (enhanced != null)
                && view.subject() == (enhanced == null ? -1 : enhanced.subject())
                && view.detail() == (enhanced == null ? -1 : enhanced.detail());
    }

    static String shown(Reply reply) {
        return reply.code() + " " + reply.enhanced() + ' ' + reply.lines();
    }
}

package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.Octets;
import java.util.Map;

/**
 * Who of the senders was sent how many notices lately; forgets those who were sent none for longest. Belongs to the
 * scheduler thread.
 */
final class Backscatter {
    /** Mailboxes and domains that are remembered. */
    static final int MOST = 20_000;

    private final NoticeLimit limit;
    private final long withinMicros;
    /** Until when each has used up its share, in microseconds since 1970. */
    private final Map<String, Long> used = new Recent<>(MOST);

    Backscatter(NoticeLimit limit) {
        this.limit = limit;
        this.withinMicros = limit.within().toMillis() * 1000;
    }

    /** Whether one more notice may go to that mailbox, which counts then. */
    boolean takes(Mailbox sender, long nowMillis) {
        String domain = sender.destination();
        String mailbox = mailbox(sender, domain);
        long now = nowMillis * 1000;
        long ofMailbox = usedWithOneMore(mailbox, limit.perSender(), now);
        long ofDomain = usedWithOneMore(domain, limit.perDomain(), now);
        if (ofMailbox > now + withinMicros || ofDomain > now + withinMicros) {
            return false;
        }
        used.put(mailbox, ofMailbox);
        used.put(domain, ofDomain);
        return true;
    }

    /** The last one that was taken for that mailbox was not sent. */
    void giveBack(Mailbox sender) {
        String domain = sender.destination();
        used.computeIfPresent(mailbox(sender, domain), (key, until) -> until - share(limit.perSender()));
        used.computeIfPresent(domain, (key, until) -> until - share(limit.perDomain()));
    }

    private static String mailbox(Mailbox sender, String domain) {
        return Octets.lowerAscii(sender.localPart()) + '@' + domain;
    }

    /** What one of so many takes, in microseconds. */
    private long share(int most) {
        return Math.max(withinMicros / most, 1);
    }

    /** A clock that was set back does not make a share last longer. */
    private long usedWithOneMore(String key, int most, long now) {
        long until = used.getOrDefault(key, now);
        return Math.min(Math.max(until, now), now + withinMicros) + share(most);
    }

    int size() {
        return used.size();
    }
}

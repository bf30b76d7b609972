package dev.ehlo.smtp.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What DNS said, for as long as it said, within limits. What it says with a TTL of 0 is not kept, and no failure is; of
 * that a domain's owner hears each time that mail goes there. Thread-safe. RFC 1035 §3.2.1, RFC 2308 §5.
 */
final class DnsCache {
    /** Answers kept; beyond that, the one that was not asked for longest is forgotten. */
    static final int MAX_ANSWERS = 20_000;

    /** Records of one message whose answer is kept; longer ones are asked for each time. */
    static final int MAX_RECORDS = 128;

    /** A day: the longest that an answer is kept, whatever TTL it has. */
    static final long MAX_SECONDS = 86_400;

    /** The longest that it is kept that there is no such name, or none of that type. RFC 2308 §5. */
    static final long MAX_NEGATIVE_SECONDS = 3_600;

    private final LongSupplier clock;

    private final Map<DnsQuestion, Kept> answers = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<DnsQuestion, Kept> eldest) {
            return size() > MAX_ANSWERS;
        }
    };

    private record Kept(DnsAnswer answer, long until) {}

    /** Empty. */
    DnsCache(LongSupplier nanos) {
        this.clock = nanos;
    }

    synchronized void put(DnsQuestion question, DnsAnswer answer) {
        if (answer.seconds() > 0) {
            answers.put(question, new Kept(answer, clock.getAsLong() + TimeUnit.SECONDS.toNanos(answer.seconds())));
        }
    }

    /** What was said and is still good; null if nothing is. */
    synchronized @Nullable DnsAnswer get(DnsQuestion question) {
        Kept kept = answers.get(question);
        if (kept == null) {
            return null;
        }
        if (clock.getAsLong() - kept.until >= 0) {
            answers.remove(question);
            return null;
        }
        return kept.answer;
    }
}

package dev.ehlo.smtp.client;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Cache;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.SetResponse;

/**
 * What DNS said, for as long as it said, within limits. What it says with a TTL of 0 is not kept, and no failure is; of
 * that a domain's owner hears each time that mail goes there. Thread-safe. RFC 1035 §3.2.1, RFC 2308 §5.
 */
final class DnsCache extends Cache {
    /** Names kept; beyond that, the one that was not asked for longest is forgotten. */
    static final int MAX_NAMES = 10_000;

    /** Records of one answer that are kept; longer ones are asked for each time. */
    static final int MAX_RECORDS = 128;

    /** A day: the longest that an answer is kept, whatever TTL it has. */
    static final int MAX_SECONDS = 86_400;

    /** The longest that it is kept that there is no such name, or none of that type. RFC 2308 §5. */
    static final int MAX_NEGATIVE_SECONDS = 3_600;

    DnsCache() {
        super(DClass.IN);
        setMaxEntries(MAX_NAMES);
        setMaxCache(MAX_SECONDS);
        setMaxNCache(MAX_NEGATIVE_SECONDS);
    }

    @Override
    public @Nullable SetResponse addMessage(Message answer) {
        int records = 0;
        for (int section = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
            records += answer.getSection(section).size();
        }
        return records <= MAX_RECORDS ? super.addMessage(answer) : null;
    }
}

package dev.ehlo.smtp.client;

import org.xbill.DNS.Cache;
import org.xbill.DNS.DClass;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;

/**
 * What DNS said, for as long as it said, within limits. What it says with a TTL of 0 is not kept, and no failure is; of
 * that a domain's owner hears each time that mail goes there. Thread-safe. RFC 1035 §3.2.1, RFC 2308 §5.
 */
final class DnsCache extends Cache {
    /** Names kept; beyond that, the one that was not asked for longest is forgotten. */
    static final int MAX_NAMES = 10_000;

    /** Records of one name and type kept; what is more is asked for each time. */
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
    public synchronized <T extends Record> void addRRset(RRset records, int credibility) {
        if (records.size() <= MAX_RECORDS) {
            super.addRRset(records, credibility);
        }
    }
}

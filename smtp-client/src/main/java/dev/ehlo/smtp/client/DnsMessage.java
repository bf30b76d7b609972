package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * One message of DNS, gone through from the name that was asked for along its aliases: what nobody asked for is passed
 * over. RFC 1034 §3.6.2.
 *
 * @param answer the records, or where the aliases lead
 * @param aliases how many were followed
 * @param isOpen whether the message ends with an alias that is to be asked for by itself
 */
record DnsMessage(DnsAnswer answer, int aliases, boolean isOpen) {
    /** CNAME records followed in one look-up, so that a loop of them ends. RFC 1034 §3.6.2. */
    static final int MAX_ALIASES = 8;

    /**
     * The message, read.
     *
     * @param believed whether it is proven if it says that it is. RFC 4035 §4.9.3
     * @param most how many aliases may be followed
     * @throws IOException if it is no answer, or has more aliases
     */
    static DnsMessage of(Message message, Name name, int type, boolean believed, int most) throws IOException {
        int code = message.getRcode();
        if (code != Rcode.NOERROR && code != Rcode.NXDOMAIN) {
            throw new IOException(Rcode.string(code) + " for " + Octets.printable(name.toString()));
        }
        long seconds = DnsCache.MAX_SECONDS;
        int aliases = 0;
        Name current = name;
        List<Record> records = said(message, current, type);
        while (records.isEmpty() && !said(message, current, Type.CNAME).isEmpty()) {
            if (++aliases > most) {
                throw new IOException("too many aliases of " + Octets.printable(name.toString()));
            }
            CNAMERecord alias = (CNAMERecord) said(message, current, Type.CNAME).get(0);
            seconds = Math.min(seconds, alias.getTTL());
            current = alias.getTarget();
            records = said(message, current, type);
        }
        for (Record each : records) {
            seconds = Math.min(seconds, each.getTTL());
        }
        SOARecord soa = soa(message);
        boolean isOpen = records.isEmpty() && aliases > 0 && code == Rcode.NOERROR && soa == null;
        if (records.isEmpty() && !isOpen) {
            seconds = soa == null ? 0 : Math.min(seconds, negative(soa));
        }
        boolean proven = believed && message.getHeader().getFlag(Flags.AD);
        boolean exists = !records.isEmpty() || code == Rcode.NOERROR;
        long kept = size(message) > DnsCache.MAX_RECORDS ? 0 : seconds;
        return new DnsMessage(new DnsAnswer(records, current, exists, proven, kept), aliases, isOpen);
    }

    private static List<Record> said(Message message, Name name, int type) {
        List<Record> own = new ArrayList<>();
        for (Record each : message.getSection(Section.ANSWER)) {
            if (each.getType() == type && each.getName().equals(name)) {
                own.add(each);
            }
        }
        return own;
    }

    private static @Nullable SOARecord soa(Message message) {
        for (Record each : message.getSection(Section.AUTHORITY)) {
            if (each instanceof SOARecord soa) {
                return soa;
            }
        }
        return null;
    }

    /** How long it is good that there is nothing. RFC 2308 §5. */
    private static long negative(SOARecord soa) {
        return Math.min(DnsCache.MAX_NEGATIVE_SECONDS, Math.min(soa.getTTL(), soa.getMinimum()));
    }

    private static int size(Message message) {
        return IntStream.rangeClosed(Section.ANSWER, Section.ADDITIONAL)
                .map(section -> message.getSection(section).size())
                .sum();
    }
}

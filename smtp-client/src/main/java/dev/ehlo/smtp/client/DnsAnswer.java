package dev.ehlo.smtp.client;

import java.util.List;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/**
 * What DNS says to one question.
 *
 * @param records those of the type that was asked for; none if there are none
 * @param name whose they are: the one that was asked for, or the last of its aliases
 * @param exists whether there is such a name
 * @param secure whether all of that is proven by DNSSEC: aliases, and what is not there, as well
 * @param seconds how long it is good; 0 for this once
 */
record DnsAnswer(List<Record> records, Name name, boolean exists, boolean secure, long seconds) {
    DnsAnswer {
        records = List.copyOf(records);
    }

    /** This one, with what is to be said of those that led to it. */
    DnsAnswer after(DnsAnswer alias) {
        return new DnsAnswer(records, name, exists, secure && alias.secure, Math.min(seconds, alias.seconds));
    }
}

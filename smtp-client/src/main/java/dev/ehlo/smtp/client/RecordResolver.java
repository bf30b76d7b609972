package dev.ehlo.smtp.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import org.xbill.DNS.ReverseMap;

/**
 * Looks up single records, for who shows or judges what a domain says of its mail. Where mail goes is for
 * {@link MxResolver} and {@link SrvResolver}. Called from any thread, and does not block it.
 */
@FunctionalInterface
public interface RecordResolver {
    /** Records of one answer that are told. */
    int MAX_RECORDS = 100;

    /**
     * The answer, along aliases.
     *
     * @param name in A-labels or U-labels; one that can't be in DNS has no records
     * @return a stage that does not fail
     */
    CompletionStage<RecordAnswer> resolve(String name, RecordType type);

    /** Asks the DNS servers that this machine is configured for, and keeps answers as long as they say. */
    static RecordResolver system(Dnssec dnssec) {
        return new DnsRecordResolver(DnsLookUps.system(dnssec));
    }

    /** Asks that DNS server, by UDP and, for long answers, by TCP. */
    static RecordResolver at(InetSocketAddress server, Dnssec dnssec) {
        return new DnsRecordResolver(DnsLookUps.at(server, dnssec));
    }

    /** The name under which an address has its {@link RecordType#PTR} records. RFC 1035 §3.5, RFC 3596 §2.5. */
    static String reverse(InetAddress address) {
        return ReverseMap.fromAddress(address).toString(true);
    }
}

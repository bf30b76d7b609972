package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.TlsaRecord;
import java.util.List;

/** What DNS says, proven by DNSSEC, of the certificate of a mail host. RFC 7672 §2.2. */
public sealed interface TlsaAnswer {
    /** Nothing: there are no records, or nothing is proven there, or nobody asked. */
    record None() implements TlsaAnswer {}

    /**
     * These records.
     *
     * @param host the name that has them, which is what the server is asked for and judged by: that of the MX record, or
     *     the one that it is an alias of
     * @param records one at least, of any usage, perhaps none that is usable
     * @param otherNames which the certificate may have instead of the host's where a record stands for its issuer
     */
    record Records(String host, List<TlsaRecord> records, List<String> otherNames) implements TlsaAnswer {
        /**
         * Copies the lists.
         *
         * @throws IllegalArgumentException if there is no record
         */
        public Records {
            records = List.copyOf(records);
            otherNames = List.copyOf(otherNames);
            if (records.isEmpty()) {
                throw new IllegalArgumentException("no record");
            }
        }

        /** Whether any of them can tell the server from others. */
        public boolean isUsable() {
            return records.stream().anyMatch(TlsaRecord::isUsable);
        }
    }

    /** There may be some: the answer did not come, or is forged. Nothing is to be sent there before it is known. */
    record Failed() implements TlsaAnswer {}
}

package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Knows where domains want reports on TLS. Thread-safe. RFC 8460 §3. */
@FunctionalInterface
public interface TlsReportAddresses {
    /**
     * Where reports to that domain go: {@code mailto:} and {@code https:} URIs; none if it wants none. The stage fails if
     * that can't be found out for now.
     *
     * @param domain a name in A-labels
     */
    CompletionStage<List<URI>> of(String domain);

    /** Asks the DNS servers that this machine is configured for. */
    static TlsReportAddresses system() {
        return by(RecordResolver.system(Dnssec.none()));
    }

    /** Asks that DNS server. */
    static TlsReportAddresses at(InetSocketAddress server) {
        return by(RecordResolver.at(server, Dnssec.none()));
    }

    /** Asks that resolver. */
    private static TlsReportAddresses by(RecordResolver records) {
        return domain -> records.resolve(TlsReportRecord.NAME + domain, RecordType.TXT)
                .thenCompose(answer -> answer instanceof RecordAnswer.Failed failed
                        ? CompletableFuture.failedFuture(new IOException(failed.reason()))
                        : CompletableFuture.completedFuture(
                                TlsReportRecord.of(answer).addresses()));
    }
}

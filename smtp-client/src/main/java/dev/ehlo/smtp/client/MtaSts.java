package dev.ehlo.smtp.client;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Knows domains' policies of MTA-STS. Called from any thread, and does not block it. RFC 8461. */
@FunctionalInterface
public interface MtaSts {
    /**
     * The policy that holds for mail to that domain, which is a name in A-labels and lower case; empty if none does, or
     * none can be had. A stage that fails is taken for none.
     */
    CompletionStage<Optional<StsPolicy>> policy(String domain);

    /**
     * Asks the DNS servers that this machine is configured for, and each domain's own server of policies, by HTTPS and by
     * the roots of the JVM. To be kept: it remembers policies as long as they say, in memory and on disk, and one that it
     * has holds even while nothing can be asked. Of one directory one is to be made.
     *
     * @param directory of its own, which is made if it is not there
     */
    static MtaSts system(Path directory) {
        return system(directory, result -> {});
    }

    /** The same, where that is told of policies that can't be fetched. RFC 8460 §4.3. */
    static MtaSts system(Path directory, TlsEvents events) {
        StsFetcher fetcher = new StsFetcher(HttpClient.newBuilder(), StsFetcher.TIME);
        return new StsPolicies(DnsLookUps.system(Dnssec.none()), fetcher, directory, InstantSource.system(), events);
    }
}

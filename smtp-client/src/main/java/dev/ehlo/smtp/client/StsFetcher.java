package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Fetches policies: by HTTPS alone, from the one host and path that a domain can have, whose certificate is checked, and
 * not from where that sends us. Thread-safe. RFC 8461 §3.3.
 */
final class StsFetcher {
    /** What a fetch takes at most. RFC 8461 §3.3. */
    static final Duration TIME = Duration.ofSeconds(60);

    /** Fetches at a time; others wait for one of them. */
    private static final int AT_ONCE = 32;

    private final Duration time;
    private final HttpClient client;
    private final CompletableFuture<?>[] lanes = new CompletableFuture<?>[AT_ONCE];
    private int next;

    /**
     * With nothing under way.
     *
     * @param http with trust and proxy set
     * @param time for a fetch as a whole
     */
    StsFetcher(HttpClient.Builder http, Duration time) {
        this.time = time;
        client = http.connectTimeout(time)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        Arrays.fill(lanes, CompletableFuture.completedFuture(null));
    }

    /** The policy of that domain, a name in A-labels; fails if there is none. */
    synchronized CompletableFuture<StsPolicy> fetch(String domain) {
        int lane = next++ % AT_ONCE;
        CompletableFuture<StsPolicy> policy =
                lanes[lane].handle((done, error) -> domain).thenCompose(this::begin);
        lanes[lane] = policy;
        return policy;
    }

    private CompletableFuture<StsPolicy> begin(String domain) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://mta-sts." + domain + "/.well-known/mta-sts.txt"))
                .timeout(time)
                .build();
        CompletableFuture<HttpResponse<String>> answer = client.sendAsync(
                request, head -> isPolicy(head) ? new StsText() : HttpResponse.BodySubscribers.replacing(""));
        return answer.thenCompose(StsFetcher::policy)
                .orTimeout(time.toNanos(), TimeUnit.NANOSECONDS)
                .whenComplete((policy, error) -> answer.cancel(true));
    }

    private static boolean isPolicy(HttpResponse.ResponseInfo head) {
        String type = head.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        return head.statusCode() == 200 && type.split(";", 2)[0].strip().equals("text/plain");
    }

    private static CompletableFuture<StsPolicy> policy(HttpResponse<String> answer) {
        return StsPolicy.parse(answer.body())
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.failedFuture(
                        answer.statusCode() == 200
                                ? new NoPolicy()
                                : new IOException("no policy, but an answer of " + answer.statusCode())));
    }

    /** The server has something there, which is no policy. */
    static final class NoPolicy extends IOException {
        private static final long serialVersionUID = 1;

        NoPolicy() {
            super("no policy, but an answer of 200");
        }
    }
}

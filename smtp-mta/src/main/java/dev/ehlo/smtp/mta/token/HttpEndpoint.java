package dev.ehlo.smtp.mta.token;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One place that is asked by HTTP, and the whole of each answer, within a time and a size. Follows no redirect: keys and
 * tokens are the named host's matter alone. Used by many threads, which it blocks.
 */
final class HttpEndpoint {
    /** For all of a request, from the look-up of the name to the end of the answer. No RFC. */
    static final Duration TIME = Duration.ofSeconds(5);
    /** Of an answer. No RFC. */
    static final int MAX_OCTETS = 256 << 10;

    private static final Set<String> THIS_HOST = Set.of("localhost", "127.0.0.1", "[::1]");

    private final URI uri;
    private final Duration time;
    private final HttpClient client;

    /**
     * That place, to be asked within that time.
     *
     * @throws IllegalArgumentException if it is no URL of https, or of http on this host
     */
    HttpEndpoint(String url, Duration time) {
        this.uri = URI.create(url);
        this.time = time;
        String host = String.valueOf(uri.getHost());
        boolean isPrivate = "https".equals(uri.getScheme()) || THIS_HOST.contains(host);
        if (!isHttp(url) || !isPrivate || uri.getHost() == null || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "not a URL of https, or of http on this host, without a login: " + withoutUserInfo(url));
        }
        client = HttpClient.newBuilder()
                .connectTimeout(time)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** Whether it is meant for this class, by its scheme. */
    static boolean isHttp(String url) {
        return url.startsWith("https://") || url.startsWith("http://");
    }

    /** A password in it is not to be seen again in what is said about it. */
    private static String withoutUserInfo(String url) {
        return url.replaceFirst("//[^/]*@", "//…@");
    }

    /** A request there, to be gone on with. */
    HttpRequest.Builder request() {
        return HttpRequest.newBuilder(uri).header("Accept", "application/json");
    }

    /**
     * The content of the answer.
     *
     * @throws IOException if there is none in time, or another one than 200, or it is too large
     */
    byte[] ask(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, head -> new BoundedBody(MAX_OCTETS));
        try {
            HttpResponse<byte[]> whole = answer.get(time.toNanos(), TimeUnit.NANOSECONDS);
            if (whole.statusCode() != 200) {
                throw new IOException(uri + " answered " + whole.statusCode());
            }
            return whole.body();
        } catch (TimeoutException e) {
            throw new IOException(uri + " did not answer within " + time.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(uri + " cannot be asked: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while asking " + uri).initCause(e);
        } finally {
            answer.cancel(true);
        }
    }

    @Override
    public String toString() {
        return uri.toString();
    }
}

package dev.ehlo.smtp.mta.tlsrpt;

import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.client.TlsReportAddresses;
import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the reports of each day that is over, once to each address that a domain names: by the queue, or by HTTPS. What
 * can't be sent is tried again each hour of the day that follows, and then is dropped. Has a thread of its own.
 */
public final class TlsReporter implements AutoCloseable {
    /**
     * Reports of a day begin at some time of the first hours of the next, so that not all the world's do at once.
     * RFC 8460 §4.1.
     */
    static final Duration SPREAD = Duration.ofHours(4);

    /** How long after its day a report is tried. RFC 8460 §5.5. */
    static final Duration PATIENCE = Duration.ofHours(24);

    static final Duration AGAIN = Duration.ofHours(1);

    /** How long {@link #close} waits for what is under way. */
    private static final Duration PARTING = Duration.ofSeconds(5);

    private static final Duration TIME = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(TlsReporter.class);

    private final TlsCounts counts;
    private final String host;
    private final Mailbox contact;
    private final TlsReportAddresses addresses;
    private final Function<Envelope, MessageSink> queue;
    private final HttpClient http;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Set<Sent> sent = new HashSet<>();
    private Instant next;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "tls-reports");
        thread.setDaemon(true);
        return thread;
    });

    private record Sent(LocalDate day, String domain, URI to) {}

    /**
     * A reporter that does nothing before {@link #start}.
     *
     * @param contact whom the reports are from
     * @param queue takes the mail
     * @param http with trust and proxy set
     */
    public TlsReporter(
            TlsCounts counts,
            String host,
            Mailbox contact,
            TlsReportAddresses addresses,
            Function<Envelope, MessageSink> queue,
            HttpClient.Builder http,
            InstantSource clock,
            RandomGenerator random) {
        this.counts = counts;
        this.host = host;
        this.contact = contact;
        this.addresses = addresses;
        this.queue = queue;
        this.http = http.connectTimeout(TIME)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.clock = clock;
        this.random = random;
        this.next = clock.instant().plus(drawn(SPREAD));
    }

    private Duration drawn(Duration most) {
        return Duration.ofSeconds(random.nextLong(most.toSeconds()));
    }

    /** Looks from now on once a minute whether there is something to send. */
    public void start() {
        Future<?> unused = executor.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.MINUTES);
    }

    private void look() {
        try {
            lookOnce();
        } catch (RuntimeException e) {
            LOG.error("reports on TLS", e);
        }
        try {
            counts.keep();
        } catch (IOException | RuntimeException e) {
            LOG.error("what is counted for reports on TLS can't be kept", e);
        }
    }

    /** Sends what is due. */
    void lookOnce() {
        Instant now = clock.instant();
        if (now.isBefore(next)) {
            return;
        }
        boolean isAllSent = true;
        for (Map.Entry<LocalDate, List<String>> day : counts.over().entrySet()) {
            Instant end = day.getKey().plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC);
            for (String domain : day.getValue()) {
                if (report(day.getKey(), domain, now) || now.isAfter(end.plus(PATIENCE))) {
                    counts.remove(day.getKey(), domain);
                    sent.removeIf(each ->
                            each.day().equals(day.getKey()) && each.domain().equals(domain));
                } else {
                    isAllSent = false;
                }
            }
        }
        Instant midnight = LocalDate.ofInstant(now, ZoneOffset.UTC)
                .plusDays(1)
                .atStartOfDay()
                .toInstant(ZoneOffset.UTC);
        next = isAllSent ? midnight.plus(drawn(SPREAD)) : now.plus(AGAIN);
    }

    /** Whether nothing is left to be done for it. */
    private boolean report(LocalDate day, String domain, Instant now) {
        List<URI> all;
        try {
            all = addresses.of(domain).toCompletableFuture().get(TIME.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            LOG.info("where {} wants its report on TLS can't be looked up", Octets.printable(domain), e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        TlsReport report = new TlsReport(host, contact.toString(), domain, day, counts.policies(day, domain));
        boolean isAll = true;
        for (URI to : all) {
            Sent each = new Sent(day, domain, to);
            if (!sent.contains(each)) {
                if (send(report, to, now)) {
                    sent.add(each);
                    LOG.info(
                            "report on TLS of {} for {} to {}",
                            day,
                            Octets.printable(domain),
                            Octets.printable(to.toString()));
                } else {
                    isAll = false;
                }
            }
        }
        return isAll;
    }

    private boolean send(TlsReport report, URI to, Instant now) {
        try {
            return to.getScheme().equalsIgnoreCase("mailto") ? mail(report, to, now) : post(report, to);
        } catch (IOException | ExecutionException | TimeoutException | RuntimeException e) {
            LOG.info("report on TLS to {} can't be sent for now", Octets.printable(to.toString()), e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean mail(TlsReport report, URI to, Instant now)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Mailbox mailbox = mailbox(to);
        if (mailbox == null) {
            LOG.info("no mailbox for a report on TLS: {}", Octets.printable(to.toString()));
            return true;
        }
        Recipient recipient =
                new Recipient(mailbox, EsmtpParameters.NONE.with(EsmtpParameter.notifications(DsnNotify.NEVER)));
        MessageSink sink = queue.apply(Envelope.from(contact.toString()).to(List.of(recipient)));
        Reply refusal = sink.refusal().orElse(null);
        if (refusal != null) {
            LOG.info("report on TLS refused by the queue: {}", refusal);
            return refusal.isPermanent();
        }
        sink.write(ByteBuffer.wrap(report.message(mailbox.toString(), now)));
        Reply reply = sink.complete().toCompletableFuture().get(TIME.toSeconds(), TimeUnit.SECONDS);
        return reply.isPositive() || reply.isPermanent();
    }

    /** RFC 6068 §2. */
    private static @Nullable Mailbox mailbox(URI to) {
        try {
            String address = to.getRawSchemeSpecificPart().split("\\?", 2)[0];
            Mailbox mailbox =
                    Mailbox.parse(URI.create(to.getScheme() + ":" + address).getSchemeSpecificPart());
            return mailbox.needsUtf8() || mailbox.domain().isEmpty() ? null : mailbox;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** RFC 8460 §5.4. */
    private boolean post(TlsReport report, URI to) throws InterruptedException, ExecutionException, TimeoutException {
        HttpRequest request = HttpRequest.newBuilder(to)
                .timeout(TIME)
                .header("Content-Type", "application/tlsrpt+gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(report.compressed()))
                .build();
        CompletableFuture<HttpResponse<Void>> answer = http.sendAsync(request, HttpResponse.BodyHandlers.discarding());
        int status;
        try { // the time limit of a request ends with the head of the answer
            status = answer.get(TIME.toSeconds(), TimeUnit.SECONDS).statusCode();
        } finally {
            answer.cancel(true);
        }
        if (status / 100 != 2) {
            LOG.info("report on TLS to {} was answered {}", Octets.printable(to.toString()), status);
        }
        return status / 100 == 2;
    }

    @Override
    public void close() throws IOException {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(PARTING.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("a report on TLS is still under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        counts.keep();
    }
}

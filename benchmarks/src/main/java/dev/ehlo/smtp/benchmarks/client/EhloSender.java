package dev.ehlo.smtp.benchmarks.client;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.client.ConnectionLimits;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Sends with the client of this project, on its one loop. */
public final class EhloSender implements Sender {
    private final String where;
    private final int inFlight;

    /**
     * @param what {@code memory,2}, {@code file,2} or {@code queued,2}: where the content is, and messages in flight on a
     *     connection; queued is a file of which it is known that no line needs a dot, as our queue hands it over
     */
    public EhloSender(String what) {
        String[] words = what.split(",", -1);
        this.where = words[0];
        this.inFlight = Integer.parseInt(words[1]);
    }

    @Override
    public void send(InetSocketAddress server, int connections, byte[] content, long messages) throws Exception {
        Path file = where.equals("memory") ? null : Files.write(Files.createTempFile("ehlo-client", ".eml"), content);
        Duration longest = Duration.ofHours(1);
        try (SmtpClient client = SmtpClient.builder()
                .reuse(new ConnectionReuse(longest, Integer.MAX_VALUE, longest))
                .connections(ConnectionLimits.standard().perDestination(connections))
                .build()) {
            DeliveryAgent agent = client.to(Smarthost.relay(server.getAddress().getHostAddress(), server.getPort())
                    .tls(TlsMode.NONE));
            new Run(agent, content, file, where.equals("queued"), messages).join(connections * inFlight);
        } finally {
            if (file != null) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() {}

    /** That it needs no dots was seen on the way in. */
    private record Known(MessageSource content) implements MessageSource {
        @Override
        public long octets() {
            return content.octets();
        }

        @Override
        public ReadableByteChannel open() throws IOException {
            return content.open();
        }

        @Override
        public boolean needsStuffing() {
            return false;
        }
    }

    /** Each that ends begins the next. */
    private static final class Run {
        private final DeliveryAgent agent;
        private final Envelope envelope = Envelope.from(FROM).to(TO);
        private final byte[] content;
        private final @Nullable Path file;
        private final boolean isKnown;
        private final AtomicLong toBegin;
        private final AtomicLong toEnd;
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Run(DeliveryAgent agent, byte[] content, @Nullable Path file, boolean isKnown, long messages) {
            this.agent = agent;
            this.content = content;
            this.file = file;
            this.isKnown = isKnown;
            this.toBegin = new AtomicLong(messages);
            this.toEnd = new AtomicLong(messages);
        }

        void join(int atOnce) {
            for (int i = 0; i < atOnce; i++) {
                next();
            }
            done.join();
        }

        private void next() {
            if (toBegin.getAndDecrement() <= 0) {
                return;
            }
            try {
                MessageSource message = file == null ? MessageSource.of(content) : MessageSource.of(file);
                message = isKnown ? new Known(message) : message;
                CompletableFuture<Void> unused =
                        agent.deliver(envelope, message).handle((report, error) -> ended(report, error));
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        }

        private @Nullable Void ended(@Nullable DeliveryReport report, @Nullable Throwable error) {
            if (report == null) {
                done.completeExceptionally(error == null ? new CompletionException(null) : error);
            } else if (!report.isRelayedToAll()) {
                done.completeExceptionally(new IllegalStateException(report.toString()));
            } else if (toEnd.decrementAndGet() == 0) {
                done.complete(null);
            } else {
                next();
            }
            return null;
        }
    }
}

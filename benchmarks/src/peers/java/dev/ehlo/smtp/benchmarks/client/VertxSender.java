package dev.ehlo.smtp.benchmarks.client;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Sends with the mail client of Vert.x on one event loop. It takes no octets, so the content is its text. */
public final class VertxSender implements Sender {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

    /** With its loop. */
    public VertxSender() {}

    @Override
    public void send(InetSocketAddress server, int connections, byte[] content, long messages) throws Exception {
        MailConfig config = new MailConfig(server.getAddress().getHostAddress(), server.getPort())
                .setMaxPoolSize(connections)
                .setKeepAlive(true)
                .setOwnHostname("localhost");
        MailClient client = MailClient.create(vertx, config);
        MailMessage message = new MailMessage()
                .setFrom(FROM)
                .setTo(TO)
                .setSubject("load")
                .setText(new String(content, StandardCharsets.US_ASCII));
        AtomicLong toBegin = new AtomicLong(messages);
        AtomicLong toEnd = new AtomicLong(messages);
        CompletableFuture<Void> done = new CompletableFuture<>();
        for (int i = 0; i < connections; i++) {
            next(client, message, toBegin, toEnd, done);
        }
        done.join();
        client.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void next(
            MailClient client, MailMessage message, AtomicLong toBegin, AtomicLong toEnd, CompletableFuture<Void> done) {
        if (toBegin.getAndDecrement() <= 0) {
            return;
        }
        client.sendMail(message).onComplete(sent -> {
            if (sent.failed()) {
                done.completeExceptionally(sent.cause());
            } else if (toEnd.decrementAndGet() == 0) {
                done.complete(null);
            } else {
                next(client, message, toBegin, toEnd, done);
            }
        });
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}

package dev.ehlo.smtp.benchmarks.client;

import com.hubspot.smtp.client.SmtpClientResponse;
import com.hubspot.smtp.client.SmtpSession;
import com.hubspot.smtp.client.SmtpSessionConfig;
import com.hubspot.smtp.client.SmtpSessionFactory;
import com.hubspot.smtp.client.SmtpSessionFactoryConfig;
import com.hubspot.smtp.messages.MessageContent;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.smtp.DefaultSmtpRequest;
import io.netty.handler.codec.smtp.SmtpCommand;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Sends with HubSpot's NioSmtpClient on one event loop, which runs what follows too: its quickest way. */
public final class HubSpotSender implements Sender {
    private final EventLoopGroup loop = new NioEventLoopGroup(1);
    private final SmtpSessionFactory sessions = new SmtpSessionFactory(SmtpSessionFactoryConfig.builder()
            .executor(Runnable::run)
            .eventLoopGroup(loop)
            .channelClass(NioSocketChannel.class)
            .allocator(PooledByteBufAllocator.DEFAULT)
            .sslEngineSupplier(() -> {
                throw new IllegalStateException("TLS is not measured");
            })
            .build());

    /** With its loop. */
    public HubSpotSender() {}

    @Override
    public void send(InetSocketAddress server, int connections, byte[] content, long messages) {
        AtomicLong left = new AtomicLong(messages);
        CompletableFuture<?>[] all = new CompletableFuture<?>[connections];
        for (int i = 0; i < connections; i++) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            all[i] = done;
            CompletableFuture<?> unused = sessions.connect(SmtpSessionConfig.forRemoteAddress(server))
                    .thenCompose(greeted ->
                            greeted.getSession().send(new DefaultSmtpRequest(SmtpCommand.EHLO, "localhost")))
                    .whenComplete((opened, error) -> {
                        if (error != null) {
                            done.completeExceptionally(error);
                        } else {
                            next(opened.getSession(), content, left, done);
                        }
                    });
        }
        CompletableFuture.allOf(all).join();
    }

    private static void next(SmtpSession session, byte[] content, AtomicLong left, CompletableFuture<Void> done) {
        if (left.getAndDecrement() <= 0) {
            CompletableFuture<?> unused = session.send(new DefaultSmtpRequest(SmtpCommand.QUIT))
                    .thenCompose(quit -> session.close())
                    .whenComplete((closed, error) -> done.complete(null));
            return;
        }
        CompletableFuture<?> unused = session.send(FROM, TO, MessageContent.of(Unpooled.wrappedBuffer(content)))
                .whenComplete((response, error) -> {
                    if (error != null || response.containsError()) {
                        done.completeExceptionally(error != null ? error : refused(response));
                    } else {
                        next(session, content, left, done);
                    }
                });
    }

    private static IllegalStateException refused(SmtpClientResponse response) {
        return new IllegalStateException(response.toString());
    }

    @Override
    public void close() {
        loop.shutdownGracefully().syncUninterruptibly();
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.ClientRates;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.server.StagedHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A mail server that takes so many connections at a time, and so many transactions, and tells all others 421. It holds
 * each message at its end until it is told to take all it holds, so that a test sees how many come at a time.
 */
final class ThrottlingHost implements StagedHandler, AutoCloseable {
    private static final Reply BUSY = Reply.of(421, "4.7.0", "too many messages at a time");
    private static final Reply TAKEN = Reply.of(250, "2.0.0", "taken");
    private static final Reply OK = Reply.of(250, "2.1.0", "ok");

    private final int transactions;
    private final SmtpServer server;
    private final List<CompletableFuture<Reply>> held = new ArrayList<>();
    private int open;
    private int refused;
    private int taken;

    ThrottlingHost(int connections, int transactions) throws IOException {
        this.transactions = transactions;
        server = SmtpServer.builder()
                .hostname("busy.example")
                .stagedHandler(this)
                .eventLog(false)
                .limits(ServerLimits.STANDARD
                        .connectionsPerAddress(connections)
                        .perAddress(ClientRates.UNLIMITED)
                        .perNetwork(ClientRates.UNLIMITED))
                .listen(Profile.mx().anyRecipient().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
                .start();
    }

    int port() {
        return server.address("mx").getPort();
    }

    @Override
    public CompletionStage<Reply> mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
        return CompletableFuture.completedFuture(begin() ? OK : BUSY);
    }

    private synchronized boolean begin() {
        if (open == transactions) {
            refused++;
            return false;
        }
        open++;
        return true;
    }

    @Override
    public CompletionStage<MessageSink> data(SessionInfo session, Envelope envelope) {
        return CompletableFuture.completedFuture(new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                slice.position(slice.limit());
            }

            @Override
            public CompletionStage<Reply> complete() {
                return hold();
            }

            @Override
            public void abort() {
                throw new AssertionError("nobody leaves in the middle of a message");
            }
        });
    }

    private synchronized CompletionStage<Reply> hold() {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        held.add(reply);
        return reply;
    }

    /** How many messages wait at their end. */
    synchronized int held() {
        return held.size();
    }

    /** How many transactions were told 421. */
    synchronized int refused() {
        return refused;
    }

    synchronized int taken() {
        return taken;
    }

    /** Takes all that is held; answers how much that was. */
    int take() {
        List<CompletableFuture<Reply>> all;
        synchronized (this) {
            all = List.copyOf(held);
            held.clear();
            open -= all.size();
            taken += all.size();
        }
        all.forEach(reply -> reply.complete(TAKEN));
        return all.size();
    }

    @Override
    public void close() {
        server.close();
    }
}

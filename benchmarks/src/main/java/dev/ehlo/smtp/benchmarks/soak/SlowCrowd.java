package dev.ehlo.smtp.benchmarks.soak;

import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A number of slow senders that stays the same, as whoever the server ends comes again. */
final class SlowCrowd {
    private final Clients clients;
    private final InetSocketAddress server;
    private final Sources sources;
    private final Tally ends;
    private final Set<SlowSender> all = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /** Connects, and waits until all are there. */
    SlowCrowd(Clients clients, InetSocketAddress server, Sources sources, Tally ends, int count) throws Exception {
        this.clients = clients;
        this.server = server;
        this.sources = sources;
        this.ends = ends;
        clients.gather(server, sources, count, this::sender);
    }

    private SlowSender sender() {
        SlowSender sender = new SlowSender(ends);
        all.add(sender);
        sender.gone().thenRun(() -> {
            all.remove(sender);
            if (!stopped) {
                clients.connect(server, sources, null, sender());
            }
        });
        return sender;
    }

    /** How many there were at last; they are gone now. */
    long stop() {
        stopped = true;
        long there = all.size();
        for (SlowSender sender : all) {
            sender.leave();
        }
        return there;
    }
}

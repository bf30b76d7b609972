package dev.ehlo.smtp.mta.selftest;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What stood behind the server has seen of each attacker, who is known by its network of 24 bits. Whoever stands there
 * tells before the server answers, so that an attacker who has its reply finds all of it here. Thread-safe.
 */
public final class Watch {
    private static final int PREFIX_BITS = 24;
    /** How long a message may be in the queue. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);

    /**
     * A message that was taken.
     *
     * @param recipients in their order
     * @param content octets as characters
     */
    public record Message(String login, String reversePath, List<String> recipients, String content) {}

    /** What fails behind the server. */
    public enum Fault {
        /** There is no place for a message. */
        OPEN,
        /** The disk is full in the middle of one. */
        WRITE,
        /** It can't be made sure. */
        COMPLETE
    }

    private static final class Notes {
        final List<String> asked = new CopyOnWriteArrayList<>();
        final List<Message> taken = new CopyOnWriteArrayList<>();
        final Set<Fault> faults = ConcurrentHashMap.newKeySet();
    }

    private final Map<Integer, Notes> byNetwork = new ConcurrentHashMap<>();
    private final List<Message> left = new ArrayList<>();
    private final List<String> log = new ArrayList<>();

    private Notes of(InetAddress client) {
        return byNetwork.computeIfAbsent(network(client), key -> new Notes());
    }

    private static int network(InetAddress client) {
        byte[] octets = client.getAddress();
        int bits = 0;
        for (int i = 0; i < PREFIX_BITS / Byte.SIZE; i++) {
            bits = bits << Byte.SIZE | octets[i] & 0xff;
        }
        return bits;
    }

    /** The server has asked about a command, as {@code RCPT user@example.org}. */
    public void ask(InetAddress client, String command) {
        of(client).asked.add(command);
    }

    /** A message was taken and will be answered so. */
    public void take(InetAddress client, Message message) {
        of(client).taken.add(message);
    }

    /** A message has left the queue. */
    public synchronized void leave(Message message) {
        left.add(message);
        notifyAll();
    }

    /** What has left the queue, once it is so many of that kind, or time is up. */
    synchronized List<Message> awaitLeft(Predicate<Message> kind, int count) {
        return await(left, kind, count);
    }

    /** Returns once there is such a line in the log, or time is up. */
    synchronized void awaitLog(Predicate<String> kind) {
        await(log, kind, 1);
    }

    private synchronized <T> List<T> await(List<T> seen, Predicate<T> kind, int count) {
        long until = System.nanoTime() + PATIENCE_NANOS;
        List<T> these = seen.stream().filter(kind).toList();
        try {
            while (these.size() < count && until - System.nanoTime() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, until - System.nanoTime());
                these = seen.stream().filter(kind).toList();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return these;
    }

    /** The server has logged a line. */
    public synchronized void log(String line) {
        log.add(line);
        notifyAll();
    }

    /** Whether that is to fail for this client. */
    public boolean fails(InetAddress client, Fault fault) {
        return of(client).faults.contains(fault);
    }

    void arm(InetAddress client, Fault fault) {
        of(client).faults.add(fault);
    }

    void disarm(InetAddress client) {
        of(client).faults.clear();
    }

    List<String> asked(InetAddress client) {
        return List.copyOf(of(client).asked);
    }

    List<Message> taken(InetAddress client) {
        return List.copyOf(of(client).taken);
    }

    void forget(InetAddress client) {
        of(client).asked.clear();
        of(client).taken.clear();
    }

    synchronized List<String> log() {
        return new ArrayList<>(log);
    }
}

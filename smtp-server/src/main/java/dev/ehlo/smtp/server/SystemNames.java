package dev.ehlo.smtp.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Names by the JDK's resolver, which blocks, on threads that end when nobody asks. Thread-safe. */
final class SystemNames implements ClientNames {
    /** Look-ups at a time; a resolver that does not answer holds each up for some 10 seconds. */
    private static final int MAX_THREADS = 32;
    /** Look-ups that wait for a thread; one more can't be told for now. */
    private static final int MAX_WAITING = 1024;

    private static final long IDLE_SECONDS = 30;

    static final SystemNames SHARED = new SystemNames(InetAddress::getCanonicalHostName, InetAddress::getAllByName);

    /** How names and addresses are found: by the JDK, or as a test has it. */
    interface Step<F, T> {
        T of(F from) throws UnknownHostException;
    }

    private final ThreadPoolExecutor threads;
    private final Step<InetAddress, String> nameOf;
    private final Step<String, InetAddress[]> addressesOf;

    SystemNames(Step<InetAddress, String> nameOf, Step<String, InetAddress[]> addressesOf) {
        this.nameOf = nameOf;
        this.addressesOf = addressesOf;
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                MAX_THREADS,
                MAX_THREADS,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                task -> {
                    Thread thread = new Thread(task, "client-names-" + number.getAndIncrement());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletionStage<Optional<String>> confirmed(InetAddress client) {
        CompletableFuture<Optional<String>> found = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    found.complete(lookUp(client));
                } catch (Throwable e) {
                    found.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            found.completeExceptionally(new IOException("too many names are looked up", e));
        }
        return found;
    }

    private Optional<String> lookUp(InetAddress client) throws UnknownHostException {
        // Another object: the JDK keeps the name in the one it looked up, and shows it, unescaped, wherever that is
        // logged.
        InetAddress address = InetAddress.getByAddress(client.getAddress());
        Optional<String> name = NameLookup.hostName(nameOf.of(address));
        return name.isPresent() && isConfirmed(name.get(), address) ? name : Optional.empty();
    }

    private boolean isConfirmed(String name, InetAddress client) {
        try {
            for (InetAddress address : addressesOf.of(name)) {
                if (address.equals(client)) {
                    return true;
                }
            }
            return false;
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

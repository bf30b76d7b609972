package dev.ehlo.smtp.server;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The name of one client: looked up when first asked for, or told by a trusted proxy, and then the same for all who ask.
 * Thread-safe.
 */
final class NameLookup {
    private final InetAddress client;
    private final ClientNames names;
    private final boolean told;
    private final AtomicReference<@Nullable CompletableFuture<Optional<String>>> asked = new AtomicReference<>();

    private NameLookup(InetAddress client, ClientNames names, boolean told) {
        this.client = client;
        this.names = names;
        this.told = told;
    }

    /** To be looked up. */
    static NameLookup of(InetAddress client, ClientNames names) {
        return new NameLookup(client, names, false);
    }

    /** Told already, or why it can't be told. */
    static NameLookup told(CompletionStage<Optional<String>> name) {
        NameLookup lookup = new NameLookup(InetAddress.getLoopbackAddress(), client -> name, true);
        lookup.ask();
        return lookup;
    }

    /** The name of another client: as told, or to be looked up. */
    NameLookup forClient(InetAddress other) {
        return told || other.equals(client) ? this : of(other, names);
    }

    CompletionStage<Optional<String>> ask() {
        CompletableFuture<Optional<String>> earlier = asked.get();
        if (earlier != null) {
            return earlier.minimalCompletionStage();
        }
        CompletableFuture<Optional<String>> mine = new CompletableFuture<>();
        if (!asked.compareAndSet(null, mine)) {
            return ask();
        }
        try {
            names.confirmed(client).whenComplete((name, error) -> {
                if (error == null && name != null) {
                    mine.complete(name.flatMap(NameLookup::hostName));
                } else {
                    mine.completeExceptionally(error == null ? new NullPointerException("no name") : error);
                }
            });
        } catch (Throwable e) { // whoever asks is told, and nobody waits for ever
            mine.completeExceptionally(e);
        }
        return mine.minimalCompletionStage();
    }

    /** What was found by now. */
    Optional<String> known() {
        CompletableFuture<Optional<String>> found = asked.get();
        return found == null || !found.isDone() || found.isCompletedExceptionally() ? Optional.empty() : found.join();
    }

    /**
     * The name in lower case and without the dot of the root, if it is one: whoever has an address has its PTR record,
     * and DNS carries any octets. What looks like an address is none. RFC 5321 §4.1.2.
     */
    static Optional<String> hostName(String name) {
        String host = Octets.lowerAscii(DomainGrammar.withoutRoot(name));
        if (!Octets.isAscii(host)) {
            return Optional.empty();
        }
        ByteBuffer octets = ByteBuffer.wrap(Octets.utf8(host));
        boolean isName = DomainGrammar.isDomain(octets, 0, octets.limit());
        char topLevel = isName ? host.charAt(host.lastIndexOf('.') + 1) : '0';
        return topLevel >= 'a' && topLevel <= 'z' ? Optional.of(host) : Optional.empty();
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.queue.MailHosts;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Domains whose mail the same hosts take are one destination, named by those, in whatever order each prefers them. */
final class MxLanes implements MailHosts {
    private final MxResolver resolver;
    private final String local;

    /** @param local the lane of mail that stays here, for which nobody is asked */
    MxLanes(MxResolver resolver, String local) {
        this.resolver = resolver;
        this.local = local;
    }

    @Override
    public CompletionStage<String> of(String destination) {
        if (destination.equals(local) || destination.isEmpty() || destination.startsWith("[")) {
            return CompletableFuture.completedFuture(destination);
        }
        return resolver.resolve(destination).thenApply(answer -> name(destination, answer));
    }

    /** Where DNS knows no host, or too many to name them, each domain is on its own. */
    private static String name(String destination, MxAnswer answer) {
        if (!(answer instanceof MxAnswer.Hosts hosts)) {
            return destination;
        }
        SortedSet<String> names = new TreeSet<>();
        for (MxHost host : hosts.hosts()) {
            names.add(host.name().toLowerCase(Locale.ROOT));
        }
        String all = String.join(",", names);
        return all.isEmpty() || all.length() > LONGEST ? destination : all;
    }
}

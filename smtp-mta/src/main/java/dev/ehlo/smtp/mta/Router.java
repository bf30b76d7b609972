package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Sends the local recipients of a message one way and the others another. */
final class Router implements DeliveryAgent {
    private final Predicate<Recipient> isLocal;
    private final DeliveryAgent local;
    private final DeliveryAgent remote;

    Router(Predicate<Recipient> isLocal, DeliveryAgent local, DeliveryAgent remote) {
        this.isLocal = isLocal;
        this.local = local;
        this.remote = remote;
    }

    @Override
    public CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        List<Recipient> here = envelope.recipients().stream().filter(isLocal).toList();
        if (here.isEmpty()) {
            return remote.deliver(envelope, content);
        }
        if (here.size() == envelope.recipients().size()) {
            return local.deliver(envelope, content);
        }
        List<Recipient> elsewhere =
                envelope.recipients().stream().filter(isLocal.negate()).toList();
        return local.deliver(envelope.only(here), content)
                .thenCombine(
                        remote.deliver(envelope.only(elsewhere), content),
                        (locally, remotely) -> inOrder(envelope, locally, remotely));
    }

    private DeliveryReport inOrder(Envelope envelope, DeliveryReport locally, DeliveryReport remotely) {
        Iterator<RecipientOutcome> here = locally.outcomes().iterator();
        Iterator<RecipientOutcome> elsewhere = remotely.outcomes().iterator();
        List<RecipientOutcome> outcomes = new ArrayList<>();
        for (Recipient recipient : envelope.recipients()) {
            outcomes.add(isLocal.test(recipient) ? here.next() : elsewhere.next());
        }
        return new DeliveryReport(outcomes);
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Goes from one host to the next until one takes the mail transaction, or says for good that it does not. A host that
 * can't be reached, or is not open to us, is passed over; one that does not serve us for now is tried at its other
 * addresses first; one with which an opportunistic handshake failed is tried again in clear, once; a kept connection
 * that turned out to be gone is followed by a new one to the same host. What no host that answered is suited for fails,
 * unless one that was passed over may yet be. Of those, the report names the first that said so itself, or else came
 * farthest: that no connection came to stand tells least. Each step is taken where the one before ended. RFC 5321 §5.1,
 * RFC 7435.
 */
final class HostWalk {
    /** Transactions with one host that may follow another since it takes only so many recipients at a time. */
    static final int MAX_PARTS = 100;

    /** Connections of one delivery that stood and came to nothing. RFC 5321 §5.1. */
    static final int MAX_SESSIONS = 10;

    private static final Reply LOST_EACH_TIME = Reply.of(451, "4.4.2", "one connection after the other was lost");

    private static final Reply TOO_MANY_PARTS = Reply.of(451, "4.5.3", "the host takes too few recipients at a time");

    /** Has a message go by one host. */
    @FunctionalInterface
    interface Hosts {
        /**
         * Begins.
         *
         * @param anew whether by a new connection only
         * @param ended is told the outcome, once
         */
        void deliver(
                Hop hop, Message message, boolean anew, CompletableFuture<?> report, Consumer<SessionOutcome> ended);
    }

    private final Hosts hosts;
    private final FailedAddresses failed;
    /** With those recipients alone who are not decided yet. */
    private Message message;
    /** Where those stand in the whole envelope. */
    private int[] places;
    /** Of the whole envelope; null for who is not decided yet. */
    private final @Nullable RecipientOutcome[] outcomes;

    private int parts;
    private final Iterator<Hop> hops;
    private final CompletableFuture<DeliveryReport> report;
    /** Connections that stood and came to nothing. */
    private int sessions;
    /** What tells most of those hosts that were passed over for now; null if none was. */
    private SessionOutcome.@Nullable NotServed passedOver;
    /** The last one that was not suited; null if none was. */
    private SessionOutcome.@Nullable Unsuited unsuited;

    private HostWalk(
            Hosts hosts,
            FailedAddresses failed,
            Message message,
            Iterator<Hop> hops,
            CompletableFuture<DeliveryReport> report) {
        this.hosts = hosts;
        this.failed = failed;
        this.message = message;
        this.places = IntStream.range(0, message.envelope().recipients().size()).toArray();
        this.outcomes = new RecipientOutcome[places.length];
        this.hops = hops;
        this.report = report;
    }

    /** Begins at the first of the hops, of which there is one at least. */
    static void begin(Transport transport, Message message, List<Hop> hops, CompletableFuture<DeliveryReport> report) {
        Hosts hosts = (hop, part, anew, whole, ended) -> {
            if (anew) {
                transport.deliverAnew(hop, part, whole, ended);
            } else {
                transport.deliver(hop, part, whole, ended);
            }
        };
        begin(hosts, transport.failedAddresses(), message, hops, report);
    }

    /** The same, by hosts of any kind. */
    static void begin(
            Hosts hosts,
            FailedAddresses failed,
            Message message,
            List<Hop> hops,
            CompletableFuture<DeliveryReport> report) {
        HostWalk walk = new HostWalk(hosts, failed, message, hops.iterator(), report);
        walk.attempt(walk.hops.next());
    }

    private void attempt(Hop hop) {
        attempt(hop, false);
    }

    private void attempt(Hop hop, boolean anew) {
        Reply closed = hop.closed();
        if (closed != null) {
            if (hop.watch() != null) {
                hop.watch().unknown();
            }
            RemoteHost remote = RemoteHost.named(hop.host());
            notServed(hop, new SessionOutcome.NotServed(DeliveryStatus.NOT_SENT, closed, remote, DeliveryPhase.TLS));
        } else if (!report.isDone()) {
            hosts.deliver(hop, message, anew, report, outcome -> ended(hop, outcome));
        }
    }

    private void ended(Hop hop, SessionOutcome outcome) {
        if (outcome instanceof SessionOutcome.Decided decided) {
            decide(decided.outcomes());
        } else if (outcome instanceof SessionOutcome.Partly partly) {
            goOn(hop, partly);
        } else if (outcome instanceof SessionOutcome.NotServed notServed) {
            if (notServed.phase() != DeliveryPhase.CONNECT) {
                sessions++;
            }
            notServed(hop, notServed);
        } else if (outcome instanceof SessionOutcome.Unsuited other) {
            sessions++;
            unsuited = other;
            next();
        } else if (outcome instanceof SessionOutcome.Lapsed) {
            if (++sessions < MAX_SESSIONS) {
                attempt(hop, true);
            } else {
                decide(DeliveryStatus.NOT_SENT, LOST_EACH_TIME, RemoteHost.named(hop.host()), DeliveryPhase.MAIL);
            }
        } else if (outcome instanceof SessionOutcome.NoTls noTls) {
            sessions++;
            if (hop.policy().isTlsGivenUp()) {
                attempt(hop.inClear());
            } else {
                if (noTls.isJudged() && report instanceof OpenReport open) {
                    open.certificateRefused();
                }
                notServed(
                        hop,
                        new SessionOutcome.NotServed(
                                DeliveryStatus.NOT_SENT, noTls.reply(), noTls.remote(), DeliveryPhase.TLS));
            }
        }
    }

    /** With those whom the host would not take together with the others, by another transaction with the same host. */
    private void goOn(Hop hop, SessionOutcome.Partly partly) {
        int[] rest = partly.rest().stream().mapToInt(i -> places[i]).toArray();
        List<Recipient> recipients =
                partly.rest().stream().map(message.envelope().recipients()::get).toList();
        Iterator<RecipientOutcome> decided = partly.outcomes().iterator();
        for (int i = 0, undecided = 0; i < places.length; i++) {
            if (undecided < rest.length && places[i] == rest[undecided]) {
                undecided++;
            } else {
                outcomes[places[i]] = decided.next();
            }
        }
        if (report instanceof OpenReport open) {
            open.decided(decided());
        }
        places = rest;
        message = new Message(message.envelope().only(recipients), message.content(), message.login());
        if (++parts < MAX_PARTS) {
            attempt(hop);
        } else {
            decide(DeliveryStatus.NOT_SENT, TOO_MANY_PARTS, RemoteHost.named(hop.host()), DeliveryPhase.RCPT);
        }
    }

    private Map<Integer, RecipientOutcome> decided() {
        Map<Integer, RecipientOutcome> soFar = new HashMap<>();
        for (int i = 0; i < outcomes.length; i++) {
            RecipientOutcome each = outcomes[i];
            if (each != null) {
                soFar.put(i, each);
            }
        }
        return soFar;
    }

    private void notServed(Hop hop, SessionOutcome.NotServed outcome) {
        // To try a password that was refused at each address of the host is how users are locked out.
        boolean isRefusedLogin =
                outcome.phase() == DeliveryPhase.AUTH && outcome.reply().isPermanent();
        if (outcome.status() == DeliveryStatus.FAILED || isRefusedLogin) {
            decide(outcome);
            return;
        }
        if (passedOver == null || weight(outcome) > weight(passedOver)) {
            passedOver = outcome;
        }
        Hop elsewhere = elsewhere(hop, outcome);
        if (elsewhere != null && sessions < MAX_SESSIONS) {
            attempt(elsewhere);
        } else {
            next();
        }
    }

    /** The host at those addresses that are neither the one that did not serve, nor out of reach; null if none is. */
    private @Nullable Hop elsewhere(Hop hop, SessionOutcome.NotServed outcome) {
        InetSocketAddress at = outcome.remote().address();
        if (outcome.phase() == DeliveryPhase.CONNECT
                || at == null
                || !hop.addresses().contains(at)) {
            return null;
        }
        return hop.without(a -> a.equals(at) || failed.isFailed(a));
    }

    private void next() {
        if (hops.hasNext() && sessions < MAX_SESSIONS) {
            attempt(hops.next());
        } else if (passedOver != null) {
            decide(passedOver);
        } else if (unsuited != null) {
            decide(DeliveryStatus.FAILED, unsuited.reply(), unsuited.remote(), unsuited.phase());
        }
    }

    /** How much it tells of why no mail went. */
    private static int weight(SessionOutcome.NotServed outcome) {
        return outcome.status() == DeliveryStatus.DEFERRED ? 2 : outcome.phase() == DeliveryPhase.CONNECT ? 0 : 1;
    }

    private void decide(SessionOutcome.NotServed outcome) {
        decide(outcome.status(), outcome.reply(), outcome.remote(), outcome.phase());
    }

    private void decide(DeliveryStatus status, Reply reply, RemoteHost remote, DeliveryPhase phase) {
        decide(message.envelope().recipients().stream()
                .map(r -> new RecipientOutcome(r, status, reply, remote, phase))
                .toList());
    }

    private void decide(List<RecipientOutcome> last) {
        for (int i = 0; i < places.length; i++) {
            outcomes[places[i]] = last.get(i);
        }
        report.complete(new DeliveryReport(
                Arrays.stream(outcomes).map(Objects::requireNonNull).toList()));
    }
}

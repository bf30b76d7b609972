package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One message on its way to the mail exchangers of its recipients. All domains are looked up, some at a time; those with
 * the same hosts go together, in one mail transaction, and what becomes of one group is no matter of the others.
 *
 * <pre>
 *   domain ─ look-up ─┬─ nowhere ────────────────────────────────→ its part of the report
 *                     └─ hosts ─ MxGroups ─ all known, ─ HostWalk → the part of each of the group
 *                                           or time up
 * </pre>
 *
 * Where TLS is required, each domain goes by itself: which hosts it may go to follows from its own name. RFC 8689 §4.2.1.
 * On any thread, by turns. RFC 5321 §4.5.4.1.
 */
final class MxDelivery {
    /** Domains that are looked up at the same time, and transactions under way. */
    static final int MAX_AT_ONCE = 16;

    /** How long domains whose hosts are known wait for others that may have the same: mail need not wait for slow DNS. */
    private static final long PATIENCE_MILLIS = 1000;

    private static final Reply NOBODY_PROVEN =
            Reply.of(550, "5.7.30", "no mail host of the domain can prove to be one, which the sender requires");

    private final Transport transport;
    private final MxAgent agent;
    private final Message message;
    private final Transport.HostTls tls;
    private final OpenReport whole;
    private final Map<String, List<Integer>> domains;
    private final boolean grouped;
    private final MxGroups groups = new MxGroups();
    private final List<CompletableFuture<?>> turns = new ArrayList<>();
    private int walks;

    private final RecipientOutcome[] outcomes;
    /** Domains of which the report is not made. */
    private int left;

    private @Nullable Throwable defect;

    private MxDelivery(Transport transport, MxAgent agent, Message message, Transport.HostTls tls, OpenReport whole) {
        this.transport = transport;
        this.agent = agent;
        this.message = message;
        this.tls = tls;
        this.whole = whole;
        this.domains = byDomain(message.envelope());
        this.grouped = domains.size() > 1 && !tls.policy().isTlsRequired();
        this.outcomes = new RecipientOutcome[message.envelope().recipients().size()];
        this.left = domains.size();
    }

    /** Which recipients of the envelope, by their index, are at which domain. */
    private static Map<String, List<Integer>> byDomain(Envelope envelope) {
        Map<String, List<Integer>> domains = new LinkedHashMap<>();
        for (int i = 0; i < envelope.recipients().size(); i++) {
            String domain = envelope.recipients().get(i).mailbox().destination();
            domains.computeIfAbsent(domain, d -> new ArrayList<>()).add(i);
        }
        return domains;
    }

    /** From here on the time limit is that of each part. */
    static void begin(Transport transport, MxAgent agent, Message message, Transport.HostTls tls, OpenReport report) {
        if (message.envelope().recipients().isEmpty()) {
            report.complete(new DeliveryReport(List.of()));
        } else if (report.begin()) {
            new MxDelivery(transport, agent, message, tls, report).begin();
        }
    }

    private void begin() {
        if (domains.size() == 1) {
            Map.Entry<String, List<Integer>> only =
                    domains.entrySet().iterator().next();
            CompletableFuture<?> unused = lookUp(only.getKey(), only.getValue());
            return;
        }
        List<CompletableFuture<?>> lanes = new ArrayList<>();
        int number = 0;
        for (Map.Entry<String, List<Integer>> each : domains.entrySet()) {
            inTurn(lanes, number++, () -> lookUp(each.getKey(), each.getValue()));
        }
        if (grouped) {
            gather(CompletableFuture.allOf(lanes.toArray(CompletableFuture<?>[]::new)));
        }
    }

    /** What becomes of one is no matter of who has the next turn. */
    private static void inTurn(List<CompletableFuture<?>> turns, int number, Step step) {
        int turn = number % MAX_AT_ONCE;
        if (turn == turns.size()) {
            turns.add(CompletableFuture.completedFuture(null));
        }
        turns.set(turn, turns.get(turn).thenCompose(before -> step.begin().handle((done, error) -> null)));
    }

    /** Something that takes its time. */
    private interface Step {
        CompletableFuture<?> begin();
    }

    /** Ends when others may be looked up. */
    private CompletableFuture<?> lookUp(String domain, List<Integer> indexes) {
        if (whole.isDone()) {
            return whole;
        }
        Envelope envelope = envelope(indexes);
        OpenReport part = part(envelope);
        Then.then(part, whole, (report, error) -> ended(indexes, report, error));
        CompletableFuture<Void> known = new CompletableFuture<>();
        Then.then(agent.way(domain, tls), part, (way, error) -> {
            if (way == null) {
                part.completeExceptionally(Objects.requireNonNull(error));
            } else if (way.route() instanceof MxRoute.To to) {
                restrained(way, to, domain, part, hops -> {
                    MxGroups.Member member = new MxGroups.Member(indexes, hops, part);
                    if (hops.isEmpty()) {
                        part.complete(Transport.decided(envelope, DeliveryStatus.FAILED, NOBODY_PROVEN));
                    } else if (grouped) {
                        groups.add(member);
                        known.complete(null);
                    } else {
                        walk(envelope, member.walk(), part);
                    }
                });
            } else if (way.route() instanceof MxRoute.Nowhere nowhere) {
                part.complete(Transport.decided(envelope, nowhere.status(), nowhere.reply()));
            }
        });
        return grouped ? CompletableFuture.anyOf(known, part) : part;
    }

    /**
     * The hops as the domain wants them; or, for a message whose author would rather have it arrive, as if it wanted
     * nothing, and nobody is told of that: which ends it that reports on TLS tell of each other. RFC 8689 §3, RFC 8460 §3.
     */
    private void restrained(
            MxAgent.Way way, MxRoute.To to, String domain, OpenReport part, Consumer<List<MxHop>> then) {
        List<MxHop> hops = agent.hops(way, to, tls, domain);
        boolean isLaxer = way.events() != null
                || hops.stream()
                        .map(MxHop::hop)
                        .anyMatch(hop -> hop.closed() != null || hop.policy().isTlsRequired());
        if (tls.policy().isTlsRequired() || !isLaxer) {
            then.accept(hops);
            return;
        }
        Then.then(transport.block(message.content()::isTlsOptional), part, (optional, error) -> {
            if (optional == null) {
                part.complete(Transport.notSent(envelope(indexesOf(domain)), Content.UNREADABLE));
            } else if (optional) {
                MxAgent.Way anyhow = way.anyhow(to);
                then.accept(agent.hops(anyhow, (MxRoute.To) anyhow.route(), tls, domain));
            } else {
                then.accept(hops);
            }
        });
    }

    private List<Integer> indexesOf(String domain) {
        return Objects.requireNonNull(domains.get(domain));
    }

    /** Has those go whose hosts are known: once all are, or from time to time until then. */
    private void gather(CompletableFuture<?> lookedUp) {
        CompletionStage<?> round = lookedUp.copy().completeOnTimeout(null, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        Then.then(round, whole, (done, error) -> {
            boolean isLast = lookedUp.isDone() || whole.isDone();
            groups.take().forEach(group -> inTurn(turns, walks++, () -> deliver(group)));
            if (!isLast) {
                gather(lookedUp);
            }
        });
    }

    /** One transaction for those of the group whose time is not up yet. */
    private CompletableFuture<?> deliver(List<MxGroups.Member> group) {
        List<MxGroups.Member> going = group.stream()
                .filter(m -> !m.part().isDone() && m.part().begin())
                .toList();
        if (going.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        MxGroups.Member first = going.get(0);
        if (going.size() == 1) {
            walk(envelope(first.indexes()), first.walk(), first.part());
            return first.part();
        }
        List<Integer> indexes =
                going.stream().flatMap(m -> m.indexes().stream()).sorted().toList();
        Envelope envelope = envelope(indexes);
        OpenReport all = part(envelope);
        Then.then(all, whole, (report, error) -> going.forEach(m -> share(m, indexes, report, error)));
        walk(envelope, first.walk(), all);
        return all;
    }

    private static void share(
            MxGroups.Member member, List<Integer> indexes, @Nullable DeliveryReport report, @Nullable Throwable error) {
        if (report == null) {
            member.part().completeExceptionally(error == null ? new IllegalStateException("no report") : error);
            return;
        }
        List<RecipientOutcome> theirs = new ArrayList<>(member.indexes().size());
        for (int i = 0; theirs.size() < member.indexes().size(); i++) {
            if (indexes.get(i).equals(member.indexes().get(theirs.size()))) {
                theirs.add(report.outcomes().get(i));
            }
        }
        member.part().complete(new DeliveryReport(theirs));
    }

    private void walk(Envelope envelope, List<Hop> hops, OpenReport report) {
        try {
            HostWalk.begin(transport, new Message(envelope, message.content(), null), hops, report);
        } catch (RuntimeException e) {
            report.completeExceptionally(e);
        }
    }

    private Envelope envelope(List<Integer> indexes) {
        List<Recipient> recipients =
                indexes.stream().map(message.envelope().recipients()::get).toList();
        return message.envelope().only(recipients);
    }

    private OpenReport part(Envelope envelope) {
        OpenReport part = transport.openPart(envelope, whole);
        Then.then(whole, part, (done, error) -> {
            if (whole.isCancelled()) {
                part.cancel(false);
            }
        });
        return part;
    }

    private void ended(List<Integer> indexes, @Nullable DeliveryReport report, @Nullable Throwable error) {
        if (!isLast(indexes, report, error)) {
            return;
        }
        if (defect != null) {
            whole.completeExceptionally(defect);
        } else {
            whole.complete(new DeliveryReport(Arrays.asList(outcomes)));
        }
    }

    private synchronized boolean isLast(
            List<Integer> indexes, @Nullable DeliveryReport report, @Nullable Throwable error) {
        if (report == null) {
            defect = error;
        } else {
            for (int i = 0; i < indexes.size(); i++) {
                outcomes[indexes.get(i)] = report.outcomes().get(i);
            }
        }
        return --left == 0;
    }
}

package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Walks over hosts that do anything a session can come to, beside a slow model that looks at the whole trace. */
class HostWalkProperties {
    private static final TlsPolicy POLICY = TlsPolicy.opportunistic();
    private static final TlsPolicy REQUIRED = TlsPolicy.required();
    private static final TlsContext CONTEXT = TlsContext.client(POLICY);

    private record Step(Hop hop, boolean anew, List<Recipient> recipients, SessionOutcome outcome) {}

    @Property(tries = 3000)
    void goesAsTheModelSaysAndReportsWhatTellsMost(@ForAll long seed) {
        Random random = new Random(seed);
        List<Hop> order = hops(random, random.nextInt(4) > 0 ? POLICY : REQUIRED);
        FailedAddresses failed = new FailedAddresses(() -> 0);
        Envelope envelope = Envelope.from("a@example.org")
                .to(IntStream.range(0, 1 + random.nextInt(5))
                        .mapToObj(i -> "r" + i + "@example.net")
                        .toArray(String[]::new));
        Message message = new Message(envelope, new Content(MessageSource.of(new byte[0])), null);
        List<Step> trace = new ArrayList<>();
        CompletableFuture<DeliveryReport> report = new CompletableFuture<>();
        HostWalk.begin(
                (hop, part, anew, whole, ended) -> {
                    if (!trace.isEmpty()) {
                        assertThat(successor(order, trace, failed))
                                .hasValueSatisfying(next -> assertThat(hop).isEqualTo(next));
                        boolean isLapsed = last(trace).outcome() instanceof SessionOutcome.Lapsed;
                        assertThat(anew).isEqualTo(isLapsed);
                    } else {
                        assertThat(hop).isEqualTo(order.get(0));
                    }
                    SessionOutcome outcome = anything(random, hop, part, anew, failed);
                    trace.add(new Step(hop, anew, part.envelope().recipients(), outcome));
                    ended.accept(outcome);
                },
                failed,
                message,
                order,
                report);
        assertThat(report).isCompleted();
        assertThat(report.join().outcomes()).isEqualTo(expected(envelope, trace));
        SessionOutcome end = last(trace).outcome();
        if (!(end instanceof SessionOutcome.Decided) && !isFinal(end)) {
            assertThat(sessions(trace) >= HostWalk.MAX_SESSIONS
                            || successor(order, trace, failed).isEmpty())
                    .isTrue();
        }
        assertThat(sessions(trace)).isLessThanOrEqualTo(HostWalk.MAX_SESSIONS + 1);
    }

    /** The hop that has to follow; none where it has to end. */
    private static Optional<Hop> successor(List<Hop> order, List<Step> trace, FailedAddresses failed) {
        Step last = last(trace);
        SessionOutcome outcome = last.outcome();
        if (outcome instanceof SessionOutcome.Partly || outcome instanceof SessionOutcome.Lapsed) {
            return Optional.of(last.hop());
        }
        if (outcome instanceof SessionOutcome.Decided || isFinal(outcome)) {
            return Optional.empty();
        }
        InetSocketAddress served = null;
        if (outcome instanceof SessionOutcome.NoTls noTls) {
            if (!last.hop().policy().isTlsRequired()) {
                return Optional.of(last.hop().inClear());
            }
            served = noTls.remote().address();
        } else if (outcome instanceof SessionOutcome.NotServed notServed
                && notServed.phase() != DeliveryPhase.CONNECT) {
            served = notServed.remote().address();
        }
        if (sessions(trace) >= HostWalk.MAX_SESSIONS) {
            return Optional.empty();
        }
        List<InetSocketAddress> left = new ArrayList<>();
        for (InetSocketAddress each : last.hop().addresses()) {
            if (served != null && !each.equals(served) && !failed.isFailed(each)) {
                left.add(each);
            }
        }
        if (!left.isEmpty()) {
            Hop hop = last.hop();
            return Optional.of(new Hop(hop.host(), left, hop.implicitTls(), hop.policy(), hop.context()));
        }
        int place = IntStream.range(0, order.size())
                .filter(i -> order.get(i).host().equals(last.hop().host()))
                .findFirst()
                .orElseThrow();
        return order.stream().skip(place + 1L).findFirst();
    }

    /** Of each recipient what was decided of it last; of those left, what tells most. */
    private static List<RecipientOutcome> expected(Envelope envelope, List<Step> trace) {
        Map<Recipient, RecipientOutcome> decided = new HashMap<>();
        for (Step each : trace) {
            List<RecipientOutcome> outcomes = each.outcome() instanceof SessionOutcome.Decided all
                    ? all.outcomes()
                    : each.outcome() instanceof SessionOutcome.Partly some ? some.outcomes() : List.of();
            outcomes.forEach(o -> assertThat(decided.put(o.recipient(), o)).isNull());
        }
        return envelope.recipients().stream()
                .map(r -> decided.containsKey(r) ? decided.get(r) : left(r, trace))
                .toList();
    }

    private static RecipientOutcome left(Recipient recipient, List<Step> trace) {
        SessionOutcome end = last(trace).outcome();
        if (end instanceof SessionOutcome.Lapsed || end instanceof SessionOutcome.Partly) {
            RemoteHost remote = RemoteHost.named(last(trace).hop().host());
            boolean lapsed = end instanceof SessionOutcome.Lapsed;
            return new RecipientOutcome(
                    recipient,
                    DeliveryStatus.NOT_SENT,
                    lapsed
                            ? Reply.of(451, "4.4.2", "one connection after the other was lost")
                            : Reply.of(451, "4.5.3", "the host takes too few recipients at a time"),
                    remote,
                    lapsed ? DeliveryPhase.MAIL : DeliveryPhase.RCPT);
        }
        if (isFinal(end)) {
            return outcome(recipient, (SessionOutcome.NotServed) end);
        }
        Optional<SessionOutcome.NotServed> telling = trace.stream()
                .flatMap(step -> passedOver(step).stream())
                .sorted(Comparator.comparingInt(HostWalkProperties::tellsLittle))
                .findFirst();
        if (telling.isPresent()) {
            return outcome(recipient, telling.get());
        }
        SessionOutcome.Unsuited unsuited = (SessionOutcome.Unsuited) end;
        return new RecipientOutcome(
                recipient, DeliveryStatus.FAILED, unsuited.reply(), unsuited.remote(), unsuited.phase());
    }

    private static Optional<SessionOutcome.NotServed> passedOver(Step step) {
        if (step.outcome() instanceof SessionOutcome.NotServed notServed) {
            return Optional.of(notServed);
        }
        if (step.outcome() instanceof SessionOutcome.NoTls noTls
                && step.hop().policy().isTlsRequired()) {
            return Optional.of(new SessionOutcome.NotServed(
                    DeliveryStatus.NOT_SENT, noTls.reply(), noTls.remote(), DeliveryPhase.TLS));
        }
        return Optional.empty();
    }

    private static int tellsLittle(SessionOutcome.NotServed outcome) {
        boolean said = outcome.status() == DeliveryStatus.DEFERRED;
        return said ? 0 : outcome.phase() == DeliveryPhase.CONNECT ? 2 : 1;
    }

    private static RecipientOutcome outcome(Recipient recipient, SessionOutcome.NotServed said) {
        return new RecipientOutcome(recipient, said.status(), said.reply(), said.remote(), said.phase());
    }

    private static boolean isFinal(SessionOutcome outcome) {
        return outcome instanceof SessionOutcome.NotServed notServed
                && (notServed.status() == DeliveryStatus.FAILED
                        || notServed.phase() == DeliveryPhase.AUTH
                                && notServed.reply().isPermanent());
    }

    private static long sessions(List<Step> trace) {
        return trace.stream()
                .filter(s -> !(s.outcome() instanceof SessionOutcome.NotServed notServed)
                        || notServed.phase() != DeliveryPhase.CONNECT)
                .filter(s -> !(s.outcome() instanceof SessionOutcome.Partly)
                        && !(s.outcome() instanceof SessionOutcome.Decided))
                .count();
    }

    private static Step last(List<Step> trace) {
        return trace.get(trace.size() - 1);
    }

    private static List<Hop> hops(Random random, TlsPolicy policy) {
        List<Hop> hops = new ArrayList<>();
        int count = 1 + random.nextInt(12);
        for (int i = 0; i < count; i++) {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (int j = random.nextInt(4); j >= 0; j--) {
                addresses.add(new InetSocketAddress("192.0.2." + (i * 10 + j), 25));
            }
            hops.add(new Hop("h" + i, addresses, false, policy, CONTEXT));
        }
        return hops;
    }

    private static SessionOutcome anything(Random random, Hop hop, Message part, boolean anew, FailedAddresses failed) {
        List<Recipient> recipients = part.envelope().recipients();
        InetSocketAddress at =
                hop.addresses().get(random.nextInt(hop.addresses().size()));
        RemoteHost remote = new RemoteHost(hop.host(), random.nextInt(20) == 0 ? null : at, null, Set.of());
        Reply reply = Reply.of(451, "4.0.0", "said " + random.nextInt(1000));
        switch (random.nextInt(24)) {
            case 0:
                return new SessionOutcome.NotServed(DeliveryStatus.FAILED, reply, remote, DeliveryPhase.GREETING);
            case 1:
                return new SessionOutcome.NotServed(
                        DeliveryStatus.DEFERRED, Reply.of(535, "5.7.8", "no"), remote, DeliveryPhase.AUTH);
            case 2:
                return new SessionOutcome.Decided(all(recipients, reply, remote));
            case 3, 4, 5:
                return anew
                        ? new SessionOutcome.Unsuited(reply, remote, DeliveryPhase.EHLO)
                        : new SessionOutcome.Lapsed();
            case 6, 7:
                return new SessionOutcome.Unsuited(reply, remote, DeliveryPhase.EHLO);
            case 8, 9, 10:
                return hop.policy().isTlsWanted()
                        ? new SessionOutcome.NoTls(reply, remote, false)
                        : new SessionOutcome.Unsuited(reply, remote, DeliveryPhase.EHLO);
            case 11, 12, 13:
                if (recipients.size() > 1) {
                    int some = 1 + random.nextInt(recipients.size() - 1);
                    List<Integer> rest =
                            IntStream.range(some, recipients.size()).boxed().toList();
                    return new SessionOutcome.Partly(all(recipients.subList(0, some), reply, remote), rest);
                }
                return new SessionOutcome.Decided(all(recipients, reply, remote));
            case 14, 15, 16, 17:
                // As the race does where no connection comes to stand.
                hop.addresses().forEach(failed::failed);
                return new SessionOutcome.NotServed(DeliveryStatus.NOT_SENT, reply, remote, DeliveryPhase.CONNECT);
            case 18, 19, 20:
                failed.failed(hop.addresses().get(random.nextInt(hop.addresses().size())));
                return new SessionOutcome.NotServed(DeliveryStatus.NOT_SENT, reply, remote, DeliveryPhase.GREETING);
            default:
                return new SessionOutcome.NotServed(DeliveryStatus.DEFERRED, reply, remote, DeliveryPhase.GREETING);
        }
    }

    private static List<RecipientOutcome> all(List<Recipient> recipients, Reply reply, RemoteHost remote) {
        return recipients.stream()
                .map(r -> new RecipientOutcome(r, DeliveryStatus.RELAYED, reply, remote, DeliveryPhase.END_OF_DATA))
                .toList();
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every spool does whose store processes share. */
abstract class SharedSpoolContract {
    /** How long an owner that does not renew is alive. */
    static final Duration LEASE = Duration.ofSeconds(30);

    private final Ownership first = new Ownership();
    private final Ownership second = new Ownership();
    private Spool one;
    private Spool two;

    /** Another spool on the same store, not started. */
    abstract Spool join();

    /** What its timer does. */
    abstract void renew(Spool spool);

    abstract void advance(Duration time);

    @BeforeEach
    void start() throws IOException {
        one = join();
        one.start(first);
        two = join();
        two.start(second);
    }

    @AfterEach
    void close() throws IOException {
        one.close();
        two.close();
    }

    private QueueId put(Spool spool, Ownership owner) throws Exception {
        QueueId id = Mail.put(spool, Mail.THREE, Mail.octets("x")).id();
        owner.owned.add(id);
        return id;
    }

    private void assertOwner(Spool owner, Spool other, QueueId id) throws Exception {
        assertThat(Mail.await(owner.load(id)).id()).isEqualTo(id);
        assertThatThrownBy(() -> Mail.await(other.load(id))).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void leavesToEachItsOwnAsLongAsItRenews() throws Exception {
        QueueId mine = put(one, first);
        QueueId other = put(two, second);
        for (int i = 0; i < 10; i++) {
            advance(LEASE.dividedBy(2));
            renew(one);
            renew(two);
        }

        assertOwner(one, two, mine);
        assertOwner(two, one, other);
        assertThat(first.told).isEmpty();
        assertThat(second.told).isEmpty();
    }

    @Test
    void adoptsWhatOneThatClosesHasNotDelivered() throws Exception {
        QueueId settled = put(one, first);
        QueueId left = put(one, first);
        Mail.await(one.crossOff(settled, List.of(0, 1, 2), DeliveryStatus.RELAYED));
        Mail.await(one.crossOff(left, List.of(1), DeliveryStatus.FAILED));
        Deferral deferral = new Deferral(3, Mail.NOON.plusSeconds(9), true);
        Mail.await(one.defer(left, List.of(2), deferral));
        one.close();

        renew(two);

        assertThat(second.owned).containsExactly(left);
        assertThat(Mail.await(two.load(left)).pending())
                .containsExactly(
                        new PendingRecipient(0, new Deferral(0, Mail.NOON, false)), new PendingRecipient(2, deferral));
    }

    @Test
    void adoptsOnceAndInOrderWhatOneThatDoesNotRenewHas() throws Exception {
        List<QueueId> ids = List.of(put(one, first), put(one, first), put(one, first));
        advance(LEASE.minusMillis(1));
        renew(two);
        assertThat(second.owned).isEmpty();
        advance(Duration.ofMillis(1));

        assertThat(one.fault()).isPresent();
        assertThatThrownBy(() -> Mail.await(one.load(ids.get(0)))).hasCauseInstanceOf(IOException.class);
        renew(two);
        renew(two);

        assertThat(second.told).isEqualTo(ids.stream().map(id -> "owns " + id).toList());
        Spool three = join();
        Ownership third = new Ownership();
        three.start(third);
        assertThat(third.told).isEmpty();
        three.close();
    }

    @Test
    void tellsOneThatComesBackWhatItHasLost() throws Exception {
        QueueId taken = put(one, first);
        advance(LEASE);
        renew(two);
        QueueId third = put(two, second);
        assertThat(first.told).isEmpty();

        renew(one);

        assertThat(first.told).containsExactly("lost " + taken);
        assertThat(one.fault()).isEmpty();
        assertOwner(two, one, taken);
        assertOwner(two, one, third);
        renew(one);
        assertThat(first.told).hasSize(1);
    }

    @Test
    void leavesItsOwnToOneThatComesBackBeforeAnyoneAdopted() throws Exception {
        QueueId id = put(one, first);
        advance(LEASE.multipliedBy(2));
        renew(one);
        renew(two);

        assertOwner(one, two, id);
        assertThat(first.told).isEmpty();
    }

    @Test
    void comesBackToItsFirstOwnerWhenTheSecondDies() throws Exception {
        QueueId id = put(one, first);
        advance(LEASE);
        renew(two);
        advance(LEASE);
        renew(one);

        assertThat(first.told).containsExactly("lost " + id, "owns " + id);
        assertOwner(one, two, id);
        renew(two);
        assertThat(second.owned).isEmpty();
    }

    @Test
    void recordsWhatAFormerOwnerHasDeliveredAndNotWhatItHasDeferred() throws Exception {
        QueueId id = put(one, first);
        advance(LEASE);
        renew(two);
        Deferral mine = new Deferral(1, Mail.NOON.plusSeconds(60), false);
        Mail.await(two.defer(id, List.of(2), mine));

        Mail.await(one.crossOff(id, List.of(0), DeliveryStatus.RELAYED));
        Mail.await(one.defer(id, List.of(1, 2), new Deferral(7, Mail.NOON.plusSeconds(900), true)));

        assertThat(Mail.await(two.load(id)).pending())
                .containsExactly(
                        new PendingRecipient(1, new Deferral(0, Mail.NOON, false)), new PendingRecipient(2, mine));
        assertThat(second.owned).containsExactly(id);
        Mail.await(one.crossOff(id, List.of(1, 2), DeliveryStatus.RELAYED));
        assertThat(second.owned).isEmpty();
        assertThatThrownBy(() -> Mail.await(two.load(id))).hasCauseInstanceOf(IOException.class);
        Mail.await(two.crossOff(id, List.of(1, 2), DeliveryStatus.RELAYED));
        renew(one);
        assertThat(first.owned).isEmpty();
    }

    @Test
    void takesNothingWhileItsLeaseIsOut() throws Exception {
        SpoolWriter writer = one.open(Mail.ONE, Mail.NOON);
        advance(LEASE);

        assertThatThrownBy(() -> one.open(Mail.ONE, Mail.NOON)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Mail.await(writer.complete())).hasCauseInstanceOf(IOException.class);
        one.resume();
        Mail.put(one, Mail.ONE, Mail.octets("x"));
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Several owners that come, stall and go, and clocks that jump: nothing is lost, owned twice, or back once settled. */
class SharedSpoolModelTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int OWNERS = 3;

    /** Goes either way. */
    private static final class JumpingClock extends Clock {
        Instant now = Mail.NOON;

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException(String.valueOf(zone));
        }
    }

    private static final class Model {
        final JumpingClock clock = new JumpingClock();
        final MemoryStore store = new MemoryStore(clock, LEASE, 1 << 20);
        final List<MemorySpool> spools = new ArrayList<>();
        final List<Ownership> owners = new ArrayList<>();
        final List<QueueId> all = new ArrayList<>();
        final Set<QueueId> settled = new TreeSet<>();

        Model() {
            for (int i = 0; i < OWNERS; i++) {
                spools.add(new MemorySpool(store));
                owners.add(new Ownership());
                spools.get(i).start(owners.get(i));
            }
        }

        void put(int i) throws Exception {
            try {
                QueueId id = Mail.put(spools.get(i), Mail.ONE, Mail.octets("x")).id();
                owners.get(i).owned.add(id);
                all.add(id);
            } catch (IOException e) {
                assertThat(spools.get(i).fault()).isPresent();
            }
        }

        /** Only of what it has owned once; but then whether it does still or not. */
        void settle(int i, int which) throws Exception {
            if (!all.isEmpty()
                    && spools.get(i).fault().filter("spool is closed"::equals).isEmpty()) {
                QueueId id = all.get(which % all.size());
                Mail.await(spools.get(i).crossOff(id, List.of(0), DeliveryStatus.RELAYED));
                settled.add(id);
                if (owners.get(i).owned.remove(id)) {
                    owners.get(i).settled.add(id);
                }
            }
        }

        void defer(int i, int which) throws Exception {
            if (!all.isEmpty()
                    && spools.get(i).fault().filter("spool is closed"::equals).isEmpty()) {
                QueueId id = all.get(which % all.size());
                Mail.await(spools.get(i).defer(id, List.of(0), new Deferral(1, clock.now, false)));
            }
        }

        void restart(int i) {
            spools.get(i).close();
            owners.set(i, new Ownership());
            spools.get(i).start(owners.get(i));
        }

        boolean loads(int i, QueueId id) {
            return !spools.get(i).load(id).toCompletableFuture().isCompletedExceptionally();
        }

        void check() {
            for (QueueId id : all) {
                int loading = 0;
                for (int i = 0; i < OWNERS; i++) {
                    if (loads(i, id)) {
                        loading++;
                        assertThat(owners.get(i).owned).contains(id);
                    }
                }
                assertThat(loading).as("owners of %s", id).isLessThanOrEqualTo(settled.contains(id) ? 0 : 1);
            }
        }

        void checkNothingIsLost(int survivor) {
            for (int i = 0; i < OWNERS; i++) {
                if (i != survivor) {
                    spools.get(i).renew();
                }
            }
            clock.now = clock.now.plus(LEASE);
            restart(survivor);
            check();
            assertThat(owners.get(survivor).owned)
                    .containsExactlyElementsOf(
                            all.stream().filter(id -> !settled.contains(id)).toList());
            assertThat(all).allMatch(id -> loads(survivor, id) != settled.contains(id));
        }
    }

    @Property(tries = 1000)
    void eachMessageHasOneLivingOwnerAtMostAndOneInTheEnd(
            @ForAll @Size(max = 80) List<@IntRange(max = 9999) Integer> steps, @ForAll @IntRange(max = 2) int survivor)
            throws Exception {
        Model model = new Model();
        for (int step : steps) {
            int owner = step / 10 % OWNERS;
            int which = step / 30;
            switch (step % 10) {
                case 0, 1 -> model.put(owner);
                case 2 -> model.settle(owner, which);
                case 3 -> model.defer(owner, which);
                case 4, 5, 6 -> model.spools.get(owner).renew();
                case 7 -> model.clock.now = model.clock.now.plusSeconds(which % 45);
                case 8 -> model.clock.now = model.clock.now.plusSeconds(300L * (which % 9 - 4));
                default -> {
                    if (which % 3 == 0) {
                        model.restart(owner);
                    } else if (which % 3 == 1) {
                        model.spools.get(owner).close();
                    }
                }
            }
            model.check();
        }
        model.checkNothingIsLost(survivor);
    }
}

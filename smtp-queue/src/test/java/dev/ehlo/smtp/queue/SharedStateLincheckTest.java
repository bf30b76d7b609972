package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.time.Instant;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** What threads share without a thread that owns it: whatever the order, it is as if one call came after the other. */
class SharedStateLincheckTest {
    private static ModelCheckingOptions everyOrder() {
        return new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .iterations(10)
                .invocationsPerIteration(200);
    }

    @Param(name = "time", gen = IntGen.class, conf = "0:3")
    public static class Ids {
        private final QueueIds ids = new QueueIds();

        @Operation
        public long next(@Param(name = "time") int millis) {
            return ids.next(Instant.ofEpochMilli(millis)).value();
        }

        @Operation
        public void passed(@Param(name = "time") int id) {
            ids.passed((long) id << 20);
        }

        @Operation
        public long last() {
            return ids.last();
        }
    }

    @Test
    void givesEachIdOnceAndInOrder() {
        everyOrder().check(Ids.class);
    }

    @Param(name = "octets", gen = IntGen.class, conf = "1:4")
    public static class Promises {
        private final Room room;

        public Promises() throws IOException {
            TestDisk disk = new TestDisk();
            disk.usable = 10;
            room = new Room(disk.open(), 3);
        }

        @Operation
        public boolean promise(@Param(name = "octets") int octets) {
            try {
                room.promise(octets + 1, octets);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        @Operation
        public void giveBack(@Param(name = "octets") int octets) {
            room.giveBack(octets);
        }
    }

    @Test
    void promisesNoRoomTwice() {
        everyOrder().check(Promises.class);
    }

    @Param(name = "element", gen = IntGen.class, conf = "1:9")
    public static class HandOff {
        private final Inbox<Integer> inbox = new Inbox<>();

        @Operation
        public void offer(@Param(name = "element") int element) {
            inbox.offer(element);
        }

        @Operation(nonParallelGroup = "owner")
        public Integer poll() {
            return inbox.poll();
        }

        @Operation(nonParallelGroup = "owner")
        public boolean isEmpty() {
            return inbox.isEmpty();
        }
    }

    @Test
    void handsOnEachElementOnceAndInOrder() {
        everyOrder().check(HandOff.class);
    }
}

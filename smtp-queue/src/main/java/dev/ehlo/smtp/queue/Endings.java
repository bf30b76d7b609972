package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryReport;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows from the end of an attempt: its slot is free, its lane has heard of its destination, what operators ordered
 * meanwhile comes into force, and each recipient is settled by what the report says. Belongs to the scheduler thread.
 */
final class Endings implements Attempts.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);

    private final Scheduler scheduler;
    private final Lanes lanes;
    private final Commands commands;
    private final Settlement settlement;

    Endings(Scheduler scheduler, Lanes lanes, Commands commands, Settlement settlement) {
        this.scheduler = scheduler;
        this.lanes = lanes;
        this.commands = commands;
        this.settlement = settlement;
    }

    @Override
    public void ended(
            Delivery delivery, int epoch, long started, @Nullable DeliveryReport report, @Nullable Throwable defect) {
        int[] all = delivery.recipients;
        List<Delivery> others;
        DeliveryReport judged;
        try {
            lanes.ended(delivery);
            judged = report == null ? null : judge(delivery, epoch, report);
            others = commands.part(delivery);
        } catch (Throwable e) {
            scheduler.putBack(delivery, e);
            return;
        }
        settle(delivery, started, all, judged, defect);
        others.forEach(other -> settle(other, started, all, judged, defect));
    }

    /** Null if it is no report of this attempt. */
    private @Nullable DeliveryReport judge(Delivery delivery, int epoch, DeliveryReport report) {
        try {
            boolean sound = report.outcomes().size() == delivery.recipients.length;
            return sound ? lanes.judge(delivery, epoch, report, scheduler.millis()) : null;
        } catch (Throwable e) {
            LOG.error("{}: defect in a lane, whose attempt counts nevertheless", delivery.queueId(), e);
            return report;
        }
    }

    private void settle(
            Delivery delivery, long started, int[] all, @Nullable DeliveryReport report, @Nullable Throwable defect) {
        try {
            settlement.ended(delivery, started, of(delivery, all, report), defect, scheduler.millis());
        } catch (Throwable e) {
            scheduler.putBack(delivery, e);
        }
    }

    /** What a report says of some of those it is of. */
    private static @Nullable DeliveryReport of(Delivery part, int[] all, @Nullable DeliveryReport report) {
        if (report == null || report.outcomes().size() != all.length) {
            return null;
        } else if (part.recipients.length == all.length) {
            return report;
        }
        return new DeliveryReport(Arrays.stream(part.recipients)
                .mapToObj(index -> report.outcomes().get(Arrays.binarySearch(all, index)))
                .toList());
    }
}

package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.Pressure;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.Shedding;
import dev.ehlo.smtp.server.Strain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again what the server is short of, on a thread of its own, and says what is to be shed; whoever asks that
 * reads one field. Thread-safe.
 */
public final class StrainWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StrainWatch.class);
    private static final long INTERVAL_MILLIS = 250;

    private final List<Watched> watched;
    private final ServerEvents events;
    private final ScheduledExecutorService thread;
    private volatile Shedding shedding = Shedding.NOTHING;
    private volatile Strain strain = Strain.NONE;

    /** One pressure, and what came of it; guarded by the watch. */
    private static final class Watched {
        final Pressure pressure;
        double load;
        Shedding shedding = Shedding.NOTHING;
        /** What went wrong is in the log, where once is enough. */
        private boolean failed;

        Watched(Pressure pressure) {
            this.pressure = pressure;
        }

        Strain.Reading read() {
            try {
                double now = pressure.load();
                if (Double.isNaN(now)) {
                    throw new ArithmeticException("a load that is no number");
                }
                load = now;
                failed = false;
            } catch (Throwable e) {
                if (!failed) {
                    LOG.error("pressure {} can't be told, and counts as it was", pressure.name(), e);
                }
                failed = true;
            }
            shedding = pressure.shedding(load, shedding);
            return new Strain.Reading(pressure.name(), load, shedding);
        }
    }

    private StrainWatch(Collection<Pressure> pressures, ServerEvents events) {
        this.watched = pressures.stream().map(Watched::new).toList();
        this.events = events;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "smtp-server-strain");
            made.setDaemon(true);
            return made;
        });
    }

    /** Looks at once, and from then on. */
    @SuppressWarnings("FutureReturnValueIgnored") // it ends with its thread
    public static StrainWatch start(Collection<Pressure> pressures, ServerEvents events) {
        StrainWatch watch = new StrainWatch(pressures, events);
        watch.look();
        watch.thread.scheduleWithFixedDelay(watch::look, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Looks now. */
    public synchronized void look() {
        List<Strain.Reading> readings = new ArrayList<>(watched.size());
        Map<Shedding, String> because = new EnumMap<>(Shedding.class);
        Shedding most = Shedding.NOTHING;
        for (Watched each : watched) {
            Strain.Reading reading = each.read();
            readings.add(reading);
            because.merge(reading.shedding(), reading.name(), (one, other) -> one + ", " + other);
            most = reading.shedding().compareTo(most) > 0 ? reading.shedding() : most;
        }
        Strain now = new Strain(most, readings);
        strain = now;
        if (most != shedding) {
            shedding = most;
            if (most == Shedding.NOTHING) {
                LOG.info("sheds nothing any more");
            } else {
                LOG.warn(
                        "sheds new {}, short of: {}",
                        most == Shedding.CONNECTIONS ? "connections" : "connections and transactions",
                        because.get(most));
            }
            events.strained(now);
        }
    }

    /** What was seen last. */
    public Strain strain() {
        return strain;
    }

    boolean shedsConnections() {
        return shedding != Shedding.NOTHING;
    }

    boolean shedsTransactions() {
        return shedding == Shedding.TRANSACTIONS;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Tries attacks on servers by all their entrances, several at a time, each from networks of its own. */
public final class Campaign {
    /** Of 127.0.0.0/8, those that no other program is likely to come from. */
    private static final int FIRST_NETWORK = 0x1000;

    private static final int LAST_NETWORK = 0xfdff;
    /** For a trial: a server that neither reads on nor closes would else keep its attacker for ever. */
    private static final long MOST_SECONDS = 200;

    private final Map<Attack.Pace, Site> sites;
    private final int attackers;
    private final int waiters;
    private final AtomicInteger networks = new AtomicInteger(FIRST_NETWORK);

    /**
     * @param sites the server of each pace; attacks on one that is missing can't be tried
     * @param attackers how many attacks may be on at a time, beside those that mostly wait
     * @param waiters how many of those that mostly wait
     */
    public Campaign(Map<Attack.Pace, Site> sites, int attackers, int waiters) {
        this.sites = Map.copyOf(sites);
        this.attackers = attackers;
        this.waiters = waiters;
    }

    /** Tries each of them, and returns when all are done: a verdict for each attack and entrance, in their order. */
    public List<Verdict> run(List<Attack> attacks) throws InterruptedException {
        ExecutorService busy = Executors.newFixedThreadPool(attackers, Campaign::thread);
        ExecutorService waiting = Executors.newFixedThreadPool(waiters, Campaign::thread);
        ScheduledExecutorService ends = Executors.newSingleThreadScheduledExecutor(Campaign::thread);
        try {
            List<Future<Verdict>> pending = new ArrayList<>();
            for (Attack attack : attacks) {
                for (Entrance entrance : Entrance.ALL) {
                    Callable<Verdict> trial = () -> verdict(attack, entrance, ends);
                    pending.add((attack.id().equals("E21") ? waiting : busy).submit(trial));
                }
            }
            List<Verdict> verdicts = new ArrayList<>();
            for (Future<Verdict> each : pending) {
                verdicts.add(each.get());
            }
            return verdicts;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an attack is itself at fault", e.getCause());
        } finally {
            busy.shutdownNow();
            waiting.shutdownNow();
            ends.shutdownNow();
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "attacker");
        thread.setDaemon(true);
        return thread;
    }

    private Verdict verdict(Attack attack, Entrance entrance, ScheduledExecutorService ends) {
        Site site = sites.get(attack.pace());
        String reason = site == null ? "no such server in this run" : inapplicable(attack, entrance, site);
        if (site == null || reason != null) {
            return new Verdict(attack, entrance, Verdict.Outcome.NOT_APPLICABLE, String.valueOf(reason), 0);
        }
        String login = site.logins().get(networks.get() % site.logins().size());
        Target target = new Target(site.of(login), entrance, this::network);
        Future<?> end = ends.schedule(target::giveUp, MOST_SECONDS, TimeUnit.SECONDS);
        long start = System.nanoTime();
        Verdict.Outcome outcome = Verdict.Outcome.BROKEN;
        String seen = "";
        try {
            attack.assault().on(target);
            if (attack.pace() != Attack.Pace.PROXIED) {
                // One that serves nobody has not held: all refusals look alike. Where a proxy is expected it is its
                // part.
                target.expectServesOthers();
            }
            outcome = Verdict.Outcome.HELD;
        } catch (Broken e) {
            seen = String.valueOf(e.getMessage());
        } catch (IOException e) {
            seen = "the connection: " + Shown.text("" + e);
        }
        end.cancel(false);
        if (target.isGivenUp()) {
            outcome = Verdict.Outcome.BROKEN;
            seen = "no end within " + MOST_SECONDS + " s";
        }
        return new Verdict(attack, entrance, outcome, seen, (System.nanoTime() - start) / 1e9);
    }

    private static @Nullable String inapplicable(Attack attack, Entrance entrance, Site site) {
        String reason = attack.where().notAt(entrance);
        if (reason != null) {
            return reason;
        }
        if (attack.id().equals("G29") && site.isTrusted() && !entrance.isForUsers()) {
            return "loopback is no stranger here";
        }
        return site.addresses().containsKey(entrance.profile()) ? null : "does not listen";
    }

    /** Each is used once, so that what is counted for it is what its attacker did. */
    private int network() {
        int next = networks.getAndIncrement();
        if (next > LAST_NETWORK) {
            throw new IllegalStateException("no network of loopback is left");
        }
        return next;
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** E23, E24, E27: too many of what is harmless alone. RFC 5321 §7.8. */
final class FloodAttacks {
    private static final int MOST_COMMANDS = 100_000;
    private static final int MILLION = 1_000_000;
    private static final int LINES_AT_ONCE = 1000;
    /** Replies that a session may still get: five thousand is no flood. */
    private static final int MOST_REPLIES = 5000;
    /** For so long a flood is looked at, in which one that was slowed down has few replies. */
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int MOST_REPLIES_IN_WINDOW = 50;
    /** Beyond these it is slow enough, whether it would or not. */
    private static final int MOST_WINDOWS = 12;
    /** Guesses a network may make before it has to be slowed, from addresses of it all over. */
    private static final int GUESSERS = 40;

    private static final int GUESSES_EACH = 3;
    /** A lock-out may be over just when the right password comes; not each time. */
    private static final int RIGHT_GUESSES = 3;

    private static final int IDLE = 200;
    private static final int BURST = 300;
    /** Of one address: one more than the server's own bound, as it stands unless configured. */
    private static final int FROM_ONE = 120;

    private static final int BEYOND = 10;

    private FloodAttacks() {}

    static List<Attack> all() {
        List<Attack> all = new ArrayList<>();
        all.add(flood("E23", "BDAT 0 × 10^6", true, "BDAT 0\r\n", MILLION));
        all.add(flood("E23", "BDAT 0 × 10^6 without MAIL", false, "BDAT 0\r\n", MILLION));
        for (String command : List.of(
                "RSET", "NOOP", "VRFY postmaster", "HELP", "EHLO again.example", "EXPN list", "FOO", "MAIL FROM:<")) {
            all.add(flood("E24", command + " × 10^5", false, command + "\r\n", MOST_COMMANDS));
        }
        all.add(Attack.of(
                        "E24",
                        "MAIL and RSET × 10^5",
                        Where.MAIL,
                        "421 or closed within 5000 replies, or slowed down to 10 a second",
                        target -> flood(target, false, target.mail() + "RSET\r\n", MOST_COMMANDS))
                .at(Attack.Pace.HURRIED));
        all.add(Attack.of(
                        "E24",
                        "RCPT × 10^5, of one recipient",
                        Where.MAIL,
                        "421 or closed within 5000 replies, or slowed down to 10 a second",
                        target -> rcptFlood(target, target.rcpt()))
                .at(Attack.Pace.HURRIED));
        all.add(Attack.of(
                        "E24",
                        "RCPT × 10^5, of users who are not there",
                        Where.MAIL,
                        "421 or closed within 5000 replies, or slowed down to 10 a second",
                        target -> rcptFlood(target, "RCPT TO:<nobody-there@" + target.site.domain() + ">\r\n"))
                .at(Attack.Pace.HURRIED));
        all.add(Attack.of(
                "E24",
                "passwords guessed in one session",
                Where.USERS,
                "closed within 10 failures, none answered 235, and the login's owner still gets in where he was before",
                FloodAttacks::guess));
        all.add(Attack.of(
                "E24",
                "passwords guessed from 40 addresses of one /24",
                Where.USERS,
                "the network is locked out: a right password of a login not tried before is no use there, and the owner of one "
                        + "that was still gets in where he was before",
                FloodAttacks::guessFromANetwork));
        all.add(Attack.of(
                "E27",
                "200 idle connections from as many addresses",
                Where.EVERYWHERE,
                "others are served meanwhile",
                FloodAttacks::idle));
        all.add(Attack.of(
                "E27",
                "120 connections from one address",
                Where.EVERYWHERE,
                "some are refused, and others are served meanwhile",
                FloodAttacks::fromOne));
        all.add(Attack.of(
                "E27",
                "300 connections made and dropped as fast as can be",
                Where.EVERYWHERE,
                "others are served behind them",
                FloodAttacks::burst));
        return all;
    }

    private static Attack flood(String id, String name, boolean within, String command, int times) {
        return Attack.of(
                        id,
                        name,
                        Where.MAIL,
                        "421 or closed within 5000 replies, or slowed down to 10 a second",
                        target -> flood(target, within, command, times))
                .at(Attack.Pace.HURRIED);
    }

    private static void flood(Target target, boolean within, String command, int times) throws IOException {
        try (Wire wire = target.ready()) {
            if (within) {
                target.envelope(wire);
            }
            flood(target, wire, command, times);
        }
        target.expectNothingTaken();
    }

    private static void rcptFlood(Target target, String command) throws IOException {
        try (Wire wire = target.ready()) {
            wire.send(target.mail()).expect("250 ");
            flood(target, wire, command, MOST_COMMANDS);
        }
        target.expectNothingTaken();
    }

    private static void flood(Target target, Wire wire, String command, int times) throws IOException {
        Thread sender = new Thread(
                () -> {
                    String lines = command.repeat(LINES_AT_ONCE);
                    try {
                        for (int sent = 0; sent < times; sent += LINES_AT_ONCE) {
                            wire.send(lines);
                        }
                    } catch (IOException e) {
                        return; // closed, as it should be
                    }
                },
                "flood");
        sender.setDaemon(true);
        sender.start();
        long lately = System.nanoTime();
        int repliesLately = 0;
        int slowWindows = 0;
        int replies = 0;
        for (String reply = wire.reply(); !reply.isEmpty(); reply = wire.reply()) {
            replies++;
            repliesLately++;
            Target.holds(replies <= MOST_REPLIES, "more than " + MOST_REPLIES + " replies, now " + Shown.text(reply));
            if (System.nanoTime() - lately > WINDOW_NANOS) {
                boolean isSlow = repliesLately < MOST_REPLIES_IN_WINDOW;
                if (isSlow && (target.isPromptToOthers() || ++slowWindows == MOST_WINDOWS)) {
                    return; // a tarpit, which may take its time
                }
                lately = System.nanoTime();
                repliesLately = 0;
            }
        }
    }

    private static void guess(Target target) throws IOException {
        int failures = 0;
        Target owner = target.fromElsewhere();
        String guessed = target.site.guessed().get();
        expectLogin(owner, right(target, guessed));
        try (Wire wire = target.open()) {
            wire.send("EHLO x.example\r\n").expect("250");
            for (String reply = "535"; !reply.isEmpty() && !reply.startsWith("421 "); failures++) {
                Target.holds(failures <= 10, "still asked after " + failures + " failures");
                reply = wrong(wire, guessed, failures);
            }
        }
        expectLogin(owner, right(target, guessed));
    }

    private static void guessFromANetwork(Target target) throws IOException {
        Target owner = target.fromElsewhere();
        String guessed = target.site.guessed().get();
        expectLogin(owner, right(target, guessed));
        for (int i = 0; i < GUESSERS; i++) {
            try (Wire wire = target.open()) {
                wire.send("EHLO x.example\r\n").expect("250", "421");
                for (int j = 0; j < GUESSES_EACH; j++) {
                    wrong(wire, j == 0 ? guessed : "nobody-there-" + i + "-" + j, i);
                }
            } catch (IOException e) {
                // Reset, as whom the server would have nothing to do with.
            } catch (Broken e) {
                throwUnlessRefusal(e);
            }
        }
        int let = 0;
        for (int i = 0; i < RIGHT_GUESSES; i++) {
            let += getsInBehindAFailure(target, target.site.guessed().get()) ? 1 : 0;
        }
        Target.holds(
                let < RIGHT_GUESSES,
                "after " + GUESSERS * GUESSES_EACH + " wrong passwords from its /24 right ones get in");
        expectLogin(owner, right(target, guessed));
    }

    /** With a failure in front, so that what it locks out is. */
    private static boolean getsInBehindAFailure(Target target, String login) throws IOException {
        try (Wire wire = target.open()) {
            wire.send("EHLO x.example\r\n").expect("250");
            wrong(wire, "nobody-there-" + login, 0);
            return wire.sendPerhaps(right(target, login)).reply().startsWith("235");
        } catch (IOException e) {
            return false; // reset, as whom the server would have nothing to do with
        } catch (Broken e) {
            throwUnlessRefusal(e);
            return false;
        }
    }

    /** What a wrong password is answered. */
    private static String wrong(Wire wire, String login, int number) throws IOException {
        String reply = wire.sendPerhaps(Target.plain("\0" + login + "\0wrong" + number))
                .reply();
        Target.holds(!reply.startsWith("235"), Shown.text(reply));
        return reply;
    }

    private static String right(Target target, String login) {
        return Target.plain("\0" + login + "\0" + target.site.password());
    }

    private static void expectLogin(Target owner, String login) throws IOException {
        try (Wire wire = owner.open()) {
            wire.send("EHLO x.example\r\n").expect("250");
            wire.send(login).expect("235 ");
        }
    }

    /** Unless it is only that the server would have nothing to do with the network, which is a defence. */
    private static void throwUnlessRefusal(Broken e) {
        String seen = String.valueOf(e.getMessage());
        if (!seen.startsWith("421 ") && !seen.startsWith("closed")) {
            throw e;
        }
    }

    private static void idle(Target target) throws IOException {
        List<Wire> idle = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE; i++) {
                idle.add(target.connect());
            }
            target.expectServesOthers();
        } finally {
            idle.forEach(Wire::close);
        }
    }

    private static void fromOne(Target target) throws IOException {
        List<Wire> many = new ArrayList<>();
        try {
            for (int i = 0; i < FROM_ONE; i++) {
                many.add(target.connectAgain());
            }
            Target.holds(!isRefused(target, many.get(0)), "none is served");
            boolean refused = false;
            for (int i = FROM_ONE - 1; i > FROM_ONE - BEYOND && !refused; i--) {
                refused = isRefused(target, many.get(i));
            }
            Target.holds(refused, FROM_ONE + " connections of one address, the last of them served too");
            target.expectServesOthers();
        } finally {
            many.forEach(Wire::close);
        }
    }

    private static boolean isRefused(Target target, Wire wire) {
        try {
            if (target.entrance.tls() == Entrance.Tls.IMPLICIT) {
                wire.turnToTls();
            }
            return !wire.reply().startsWith("220 ");
        } catch (IOException e) {
            return true;
        }
    }

    private static void burst(Target target) throws IOException {
        for (int i = 0; i < BURST; i++) {
            target.connect().close();
        }
    }
}

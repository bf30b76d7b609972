package dev.ehlo.smtp.mta.selftest;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** E21: clients that take their time, and a server's connections. RFC 5321 §4.5.3.2. */
final class DripAttacks {
    /** One octet each time. */
    private static final long DRIP_SECONDS = 10;
    /** The five minutes a command or a block of content may take, and as much again for a server that rounds. */
    private static final long MOST_SECONDS = 600;

    private static final String PROOF = "ended within 10 min, by 421 or without a word, and no message taken";

    private DripAttacks() {}

    /** Of commands, 75,000 octets each: more than the socket buffers of both sides hold. */
    private static final int UNREAD_BLOCKS = 200;

    private static final Object BEGINNING = new Object();

    private interface Begin {
        Wire at(Target target) throws IOException;
    }

    static List<Attack> all() {
        return List.of(
                drip("connect and wait", Where.EVERYWHERE, Target::open, ""),
                drip("an octet per 10 s of a command", Where.EVERYWHERE, Target::open, "x"),
                drip(
                        "an octet per 10 s of a TLS handshake",
                        Where.UNDER_TLS,
                        target -> TlsAttacks.beforeHandshake(target).send(TlsAttacks.HELLO_BEGUN),
                        "x"),
                drip(
                                "an octet per 10 s of a proxy's header",
                                Where.SERVERS,
                                target -> target.connect().send("PROXY UNKNOWN "),
                                "x")
                        .at(Attack.Pace.PROXIED),
                drip(
                        "an octet per 10 s of a line of AUTH",
                        Where.USERS,
                        target -> target.open()
                                .send("EHLO x.example\r\n")
                                .expect("250")
                                .send("AUTH PLAIN\r\n")
                                .expect("334"),
                        "A"),
                drip(
                        "an octet per 10 s of content",
                        Where.MAIL,
                        target -> target.content(target.ready()).send(target.header()),
                        "x"),
                drip(
                        "an octet per 10 s of a chunk",
                        Where.MAIL,
                        target -> target.envelope(target.ready()).send("BDAT 1000000 LAST\r\n" + target.header()),
                        "x"),
                drip(
                        "a chunk of an octet per 10 s",
                        Where.MAIL,
                        target -> target.envelope(target.ready()),
                        "BDAT 1\r\nx"),
                drip(
                        "an octet per 10 s of a chunk that was refused",
                        Where.MAIL,
                        target -> target.ready().send("BDAT 1000000\r\n"),
                        "x"),
                Attack.of(
                                "E21",
                                "replies that nobody reads",
                                Where.MAIL,
                                "the server stops reading, and closes within 10 min",
                                DripAttacks::neverRead)
                        .at(Attack.Pace.HURRIED));
    }

    private static Attack drip(String name, Where where, Begin begin, String drip) {
        Attack.Assault assault = target -> {
            try (Wire wire = begun(begin, target)) {
                long until = System.nanoTime() + SECONDS.toNanos(MOST_SECONDS) / target.site.factor();
                boolean open = true;
                wire.patience((int) Math.max(1, SECONDS.toMillis(DRIP_SECONDS) / target.site.factor()));
                while (open && until - System.nanoTime() > 0) {
                    open = isOpenAfter(wire, drip);
                }
                Target.holds(!open, "still open after " + MOST_SECONDS + " s (/ " + target.site.factor() + ")");
            }
            target.expectNothingTaken();
        };
        return Attack.of("E21", name, where, PROOF, assault).at(Attack.Pace.HURRIED);
    }

    /** One at a time, since an honest handshake is hurried too. */
    private static Wire begun(Begin begin, Target target) throws IOException {
        synchronized (BEGINNING) {
            return begin.at(target);
        }
    }

    /** Sends a drip, and waits for as long as the patience is. */
    private static boolean isOpenAfter(Wire wire, String drip) throws IOException {
        try {
            wire.send(drip);
        } catch (IOException e) {
            return false;
        }
        return wire.isOpen();
    }

    private static void neverRead(Target target) throws IOException {
        String commands = ("EHLO " + "n".repeat(60) + ".example\r\n").repeat(1000);
        AtomicBoolean ended = new AtomicBoolean();
        try (Wire wire = begun(t -> t.open(t.connectNarrow()), target)) {
            Thread flood = new Thread(
                    () -> {
                        for (int i = 0; i < UNREAD_BLOCKS; i++) {
                            try {
                                wire.send(commands);
                            } catch (IOException e) {
                                ended.set(true);
                                return;
                            }
                        }
                    },
                    "never-reads");
            flood.setDaemon(true);
            flood.start();
            long until = System.nanoTime() + SECONDS.toNanos(MOST_SECONDS) / target.site.factor();
            while (flood.isAlive() && until - System.nanoTime() > 0) {
                LockSupport.parkNanos(MILLISECONDS.toNanos(100));
            }
            Target.holds(
                    !flood.isAlive(),
                    "its octets were still waited for after " + MOST_SECONDS + " s (/ " + target.site.factor() + ")");
            Target.holds(
                    ended.get(), UNREAD_BLOCKS * commands.length() + " octets of commands were taken, to the last");
        }
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** E22, E23: lines, headers, sizes and chunks beyond all reason. RFC 5321 §4.5.3.1, RFC 1870, RFC 3030. */
final class ExhaustionAttacks {
    private static final String BLOCK = "x".repeat(64 * 1024);
    /** With {@link #BLOCK}: 4 MiB. */
    private static final int BLOCKS = 64;

    private static final int MILLION = 1_000_000;
    private static final int LINES_AT_ONCE = 2000;
    /** RFC 4954 §4. */
    private static final int AUTH_LINE_OCTETS = 12_288;

    private ExhaustionAttacks() {}

    static List<Attack> all() {
        List<Attack> all = new ArrayList<>(List.of(
                Attack.of(
                        "E22",
                        "a command line of 4 MiB",
                        Where.EVERYWHERE,
                        "500 once it ends, and in step, or closed",
                        ExhaustionAttacks::endlessLine),
                Attack.of(
                        "E22",
                        "a line of AUTH over 12,288 octets, and of 4 MiB",
                        Where.USERS,
                        "500 or 501, in step, nobody is logged in",
                        ExhaustionAttacks::endlessAuth),
                header("10^6 header fields", "X: y\r\n", MILLION),
                header("10^6 Received fields", "Received: by x\r\n", MILLION),
                header("101 Received fields, a mail loop", "Received: by x\r\n", 101),
                header("a header field folded 10^6 times", " folded\r\n", MILLION),
                Attack.of(
                        "E22",
                        "SIZE=99999999999999999999 and its like",
                        Where.MAIL,
                        "501 or 552, and no transaction begins",
                        ExhaustionAttacks::sizes)));
        for (String command : List.of(
                "BDAT 2147483647",
                "BDAT 9223372036854775807",
                "BDAT 18446744073709551615",
                "BDAT 18446744073709551622 LAST",
                "BDAT -1",
                "BDAT +6",
                "BDAT LAST",
                "BDAT",
                "BDAT 6\0",
                "BDAT 6 " + "x".repeat(5000))) {
            all.add(Attack.of(
                    "E23",
                    Shown.text(command.length() > 40 ? command.substring(0, 10) + "..." : command),
                    Where.MAIL,
                    "refused, and what comes behind is never run as commands: consumed in step, or the session ends",
                    target -> madeUpChunk(target, command)));
        }
        all.add(Attack.of(
                "E23",
                "BDAT 6 LAST garbage",
                Where.MAIL,
                "501, the chunk is consumed, the session in step, and no message is taken",
                ExhaustionAttacks::garbageChunk));
        all.add(Attack.of(
                "E23",
                "BDAT without MAIL, without RCPT, and without EHLO",
                Where.MAIL,
                "503 or 530 once the chunk is consumed, and the session in step",
                ExhaustionAttacks::strayChunk));
        return all;
    }

    private static void endlessLine(Target target) throws IOException {
        try (Wire wire = target.open()) {
            try {
                wire.send("NOOP ");
                for (int i = 0; i < BLOCKS; i++) {
                    wire.send(BLOCK);
                }
                wire.send("\r\n");
            } catch (IOException e) {
                return; // closed
            }
            String reply = wire.reply();
            Target.holds(reply.isEmpty() || reply.startsWith("500 ") || reply.startsWith("421 "), Shown.text(reply));
            if (reply.startsWith("500 ") && target.entrance.takesMail()) {
                wire.expectInStep();
            }
        }
    }

    private static void endlessAuth(Target target) throws IOException {
        try (Wire wire = target.open()) {
            wire.send("EHLO x.example\r\n").expect("250");
            wire.send("AUTH PLAIN " + "A".repeat(AUTH_LINE_OCTETS) + "\r\n").expect("500 ", "501 ");
            wire.send("AUTH PLAIN\r\n").expect("334 ").send("A".repeat(AUTH_LINE_OCTETS + 1) + "\r\n");
            wire.expect("500 ", "501 ");
            wire.expectInStep();
            wire.send(target.mail()).expect("530 ");
        }
        try (Wire wire = target.open()) {
            wire.send("EHLO x.example\r\n").expect("250").send("AUTH LOGIN\r\n").expect("334 ", "504 ");
            try {
                for (int i = 0; i < BLOCKS; i++) {
                    wire.send(BLOCK);
                }
                wire.send("\r\n");
            } catch (IOException e) {
                return;
            }
            String reply = wire.reply();
            Target.holds(reply.isEmpty() || reply.startsWith("500 ") || reply.startsWith("421 "), Shown.text(reply));
        }
    }

    private static Attack header(String name, String line, int times) {
        return Attack.of(
                "E22",
                name,
                Where.MAIL,
                "552 or 554 once the message has ended, and in step, or closed; no message is taken",
                target -> {
                    try (Wire wire = target.ready()) {
                        target.content(wire).send(target.header().trim() + "\r\n");
                        try {
                            for (int sent = 0; sent < times; sent += LINES_AT_ONCE) {
                                wire.send(line.repeat(Math.min(LINES_AT_ONCE, times - sent)));
                            }
                            wire.send("\r\nbody\r\n.\r\n");
                        } catch (IOException e) {
                            target.expectNothingTaken();
                            return; // closed
                        }
                        String reply = wire.reply();
                        Target.holds(reply.isEmpty() || reply.matches("(?s)(55|421 ).*"), Shown.text(reply));
                        if (reply.startsWith("55")) {
                            wire.expectInStep();
                        }
                    }
                    target.expectNothingTaken();
                });
    }

    private static void sizes(Target target) throws IOException {
        for (String size : List.of(
                "=99999999999999999999",
                "=18446744073709551616",
                "=9223372036854775807",
                "=-1",
                "=0x10",
                "=",
                "",
                "=1 SIZE=2")) {
            try (Wire wire = target.ready()) {
                wire.send(target.mail().replace("\r\n", " SIZE" + size + "\r\n"))
                        .expect("501 ", "552 ", "555 ");
                wire.send(target.rcpt()).expect("503 ").expectInStep();
            }
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
    }

    private static void madeUpChunk(Target target, String command) throws IOException {
        for (boolean within : new boolean[] {false, true}) {
            target.forget();
            try (Wire wire = target.ready()) {
                if (within) {
                    target.envelope(wire);
                }
                wire.send(command + "\r\n" + "MAIL FROM:<admin@remote.example>\r\nNOOP\r\nQUIT\r\nHELP\r\n");
                String reply = wire.reply();
                Target.holds(reply.isEmpty() || reply.startsWith("5") || reply.startsWith("421 "), Shown.text(reply));
                if (!reply.isEmpty()) {
                    // Either the session is over, or there was no chunk to tell from commands.
                    Target.holds(wire.untilEnd().isEmpty(), "went on behind it");
                }
            }
            for (String asked : target.asked()) {
                Target.holds(!asked.contains("admin@"), "a chunk was run: " + Shown.text(asked));
            }
            target.expectNothingTaken();
        }
    }

    private static void garbageChunk(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            target.envelope(wire)
                    .send("BDAT 6 LAST garbage\r\nQUIT\r\n")
                    .expect("501 ")
                    .expectInStep();
            wire.send("DATA\r\n").expect("503 ");
        }
        target.expectNothingTaken();
    }

    private static void strayChunk(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            wire.send("BDAT 6\r\nQUIT\r\n")
                    .expect("503 ")
                    .send("BDAT 6 LAST\r\nQUIT\r\n")
                    .expect("503 ");
            wire.send(target.mail() + "BDAT 6 LAST\r\nQUIT\r\n").expect("250 ").expect("503 ");
            wire.expectInStep();
        }
        try (Wire wire = target.open()) {
            wire.send("BDAT 6 LAST\r\nQUIT\r\n").expect("503 ", "530 ", "502 ").expectInStep();
        }
        target.expectNothingTaken();
    }
}

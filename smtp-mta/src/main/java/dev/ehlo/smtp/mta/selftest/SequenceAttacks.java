package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** F28: dialogues that lead servers astray; after each the envelope is what RFC 5321 §4.1.4 makes of it. */
final class SequenceAttacks {
    /** Stand for what depends on the entrance. */
    private static final String MAIL = "$MAIL";

    private static final String RCPT = "$RCPT";
    private static final String NOBODY = "$NOBODY";
    private static final String LAST = "$LAST";
    /** Whether a message is taken in the end; then what is said, each with the beginning of its reply. */
    private static final String[][] DIALOGUES = {
        {"no", MAIL, "250", RCPT, "250", "BDAT 6garbage\r\nQUIT", "501", "DATA", "503", RCPT, "503", LAST, "503"},
        {
            "no",
            MAIL,
            "250",
            RCPT,
            "250",
            "BDAT 5\r\nX: yz",
            "250",
            "DATA",
            "503",
            RCPT,
            "503",
            "RSET",
            "250",
            LAST,
            "503"
        },
        {"no", MAIL, "250", "DATA", "503", NOBODY, "550", "DATA", "554", LAST, "554"},
        {"no", MAIL, "250", RCPT, "250", "EHLO again.example", "250", RCPT, "503", "DATA", "503"},
        {"no", MAIL, "250", RCPT, "250", "HELO again.example", "250", RCPT, "503", LAST, "50"},
        {"no", MAIL, "250", RCPT, "250", "RSET", "250", RCPT, "503", "DATA", "503"},
        {"no", RCPT, "503", "DATA", "503", LAST, "503", "RCPT TO:<b@remote.example", "501"},
        {"yes", MAIL, "250", RCPT, "250", "VRFY b\303\244", "25", "VRFY \377", "500", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", "DATA now", "501", "RSET now", "501", "QUIT now", "501", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", MAIL, "503", "MAIL FROM:<", "501", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", "EHLO", "501", "EHLO \0", "500", "HELO a b c", "501", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", NOBODY, "550", "RCPT TO:<x", "501", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", "STARTTLS now", "50", "AUTH", "50", "LHLO x.example", "50", LAST, "250"},
        {"yes", MAIL, "250", RCPT, "250", "NOOP " + "x".repeat(3000), "500", "HELP", "214", "NOOP", "250", LAST, "250"},
        {"yes", MAIL, "250", NOBODY, "550", "DATA", "554", RCPT, "250", LAST, "250"}
    };

    private SequenceAttacks() {}

    static List<Attack> all() {
        String proof = "each reply is that of RFC 5321 §4.1.4, and the envelope behind the server as the replies tell";
        return List.of(
                Attack.of("F28", "commands out of sequence, one by one", Where.MAIL, proof, target -> {
                    for (String[] dialogue : DIALOGUES) {
                        oneByOne(target, dialogue);
                    }
                }),
                Attack.of("F28", "commands out of sequence, pipelined", Where.MAIL, proof, target -> {
                    for (String[] dialogue : DIALOGUES) {
                        pipelined(target, dialogue);
                    }
                }),
                Attack.of(
                        "F28",
                        "RCPT and DATA behind content that was refused",
                        Where.MAIL,
                        "503 without MAIL, by DATA and by BDAT",
                        SequenceAttacks::behindRefusal));
    }

    private static String line(Target target, String word) {
        return switch (word) {
            case MAIL -> target.mail();
            case RCPT -> target.rcpt();
            case NOBODY -> "RCPT TO:<nobody-there@" + target.site.domain() + ">\r\n";
            case LAST -> target.chunk(target.header());
            default -> word.startsWith("BDAT 5\r\n") ? word : word + "\r\n";
        };
    }

    private static void oneByOne(Target target, String[] dialogue) throws IOException {
        target.forget();
        try (Wire wire = target.ready()) {
            for (int i = 1; i < dialogue.length; i += 2) {
                wire.send(line(target, dialogue[i])).expect(dialogue[i + 1]);
            }
            wire.expectInStep();
        }
        judge(target, dialogue);
    }

    /** In as few flights as there may be: DATA is the last of one. */
    private static void pipelined(Target target, String[] dialogue) throws IOException {
        target.forget();
        try (Wire wire = target.ready()) {
            StringBuilder flight = new StringBuilder();
            List<String> expected = new ArrayList<>();
            for (int i = 1; i < dialogue.length; i += 2) {
                flight.append(line(target, dialogue[i]));
                expected.add(dialogue[i + 1]);
                if (dialogue[i].startsWith("DATA") || i + 2 >= dialogue.length) {
                    wire.send(flight.toString());
                    for (String start : expected) {
                        wire.expect(start);
                    }
                    flight.setLength(0);
                    expected.clear();
                }
            }
            wire.expectInStep();
        }
        judge(target, dialogue);
    }

    private static void judge(Target target, String[] dialogue) {
        if (dialogue[0].equals("yes")) {
            target.expectOne();
        } else {
            target.expectNothingTaken();
        }
    }

    private static void behindRefusal(Target target) throws IOException {
        for (boolean chunk : new boolean[] {false, true}) {
            try (Wire wire = target.ready()) {
                target.site.watch().arm(target.client(), Watch.Fault.COMPLETE);
                if (chunk) {
                    target.envelope(wire).send(target.chunk(target.header())).expect("4", "5");
                } else {
                    target.content(wire).send(target.header() + ".\r\n").expect("4", "5");
                }
                target.site.watch().disarm(target.client());
                wire.send(target.rcpt()).expect("503 ").send("DATA\r\n").expect("503 ");
                wire.send(target.chunk(target.header())).expect("503 ").expectInStep();
            } finally {
                target.site.watch().disarm(target.client());
            }
        }
        target.expectNothingTaken();
    }
}

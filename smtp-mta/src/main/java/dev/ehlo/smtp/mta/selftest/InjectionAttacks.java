package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.List;

/** C: what a peer says is to be found in no log line and in no reply as a line of its own. */
final class InjectionAttacks {
    private InjectionAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "C14",
                        "log forged by EHLO, MAIL, RCPT, logins and header fields",
                        Where.MAIL,
                        "no log line begins with what was sent, or holds a control character",
                        InjectionAttacks::forgeLog),
                Attack.of(
                        "C15",
                        "a reply split by a quoted local part",
                        Where.MAIL,
                        "each line of a reply begins with its code, and none holds what was sent as a line",
                        InjectionAttacks::splitReply));
    }

    private static void forgeLog(Target target) throws IOException {
        String mark = "FORGED-" + target.client().getHostAddress() + "-" + target.entrance.tls();
        try (Wire wire = target.open()) {
            wire.send("EHLO x\33[2J\r" + mark + "\r\n").expect("50", "250");
            wire.send("EHLO " + mark + ".example\r\n").expect("250", "501 ");
            if (target.entrance.isForUsers()) {
                wire.send("AUTH LOGIN\r\n").expect("334 ", "504 ");
                wire.send(Target.base64("x\r\n" + mark + "\33[31m") + "\r\n").expect("334", "5");
                wire.send(Target.base64("wrong\r\n" + mark) + "\r\n").expect("5");
            }
        }
        try (Wire wire = target.ready()) {
            wire.send("MAIL FROM:<\"x\33]0;" + mark + "\7\"@remote.example>\r\n")
                    .expect("5");
            target.envelope(wire).send("RCPT TO:<\"\n" + mark + "\"@" + target.site.domain() + ">\r\n");
            wire.expect("5").send("DATA\r\n").expect("354 ");
            wire.send(
                    "Subject: \33[2J\33]0;" + mark + "\7\r\nX-Log: a\r\n " + mark + "\r\n" + target.header() + ".\r\n");
            wire.expect("250 ", "550 ");
            wire.send("EHLO " + mark + "-last.example\r\n").expect("250", "501 ");
        }
        // The line of a session comes when it is over.
        target.site.watch().awaitLog(line -> line.contains(mark + "-last"));
        for (String line : target.site.watch().log()) {
            boolean clean = line.chars().allMatch(c -> c >= ' ' && c != 0x7f || c == '\t');
            Target.holds(!line.startsWith(mark), "in the log: " + Shown.text(line));
            Target.holds(clean || !line.contains(mark), "in the log: " + Shown.text(line));
        }
    }

    private static void splitReply(Target target) throws IOException {
        String[] locals = {"a\r250 FORGED", "a\n250 FORGED", "a\0b", "a\33[2J", "\\\r\\\n250 FORGED"};
        for (String local : locals) {
            try (Wire wire = target.ready()) {
                wire.send(target.mail()).expect("250 ");
                for (String command :
                        List.of("RCPT TO:<\"" + local + "\"@nowhere.example>\r\n", "VRFY \"" + local + "\"\r\n")) {
                    String reply = wire.send(command).expected("2", "5");
                    for (String line : reply.split("\n", -1)) {
                        Target.holds(
                                line.matches("[2-5][0-9][0-9][ -][ -~]*"), "a line of a reply: " + Shown.text(line));
                        Target.holds(!line.startsWith("250 FORGED"), "a line of a reply: " + Shown.text(line));
                    }
                }
                wire.expectInStep();
            }
        }
    }
}

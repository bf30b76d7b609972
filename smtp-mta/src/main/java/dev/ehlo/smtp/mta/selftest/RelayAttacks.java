package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.List;

/** G29: strangers who would have their mail relayed. RFC 5321 §7.9, §3.6. */
final class RelayAttacks {
    /** Refusals are errors, of which a session has few. */
    private static final int FORMS_PER_SESSION = 4;

    private RelayAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "G29",
                        "recipients elsewhere, in 40 disguises",
                        Where.SERVERS,
                        "each is refused by 5yz, none is asked about, and a message to all of them is taken for nobody",
                        RelayAttacks::relay),
                Attack.of(
                        "G29",
                        "recipients elsewhere, behind one who is here",
                        Where.SERVERS,
                        "the message is taken for the one who is here alone",
                        RelayAttacks::relayBehindLocal),
                Attack.of(
                        "G29",
                        "from a sender who claims to be of here",
                        Where.SERVERS,
                        "RCPT elsewhere is refused all the same",
                        RelayAttacks::relayAsLocal),
                Attack.of(
                        "G29",
                        "mail without a login",
                        Where.USERS,
                        "MAIL is 530, RCPT and DATA 503, and nothing is taken",
                        RelayAttacks::withoutLogin));
    }

    private static List<String> forms(Target target) {
        String us = target.site.domain();
        return List.of(
                "<user@remote.example>",
                "<user%remote.example@" + us + ">",
                "<@" + us + ":user@remote.example>",
                "<@" + us + ",@remote.example:user@third.example>",
                "<@remote.example:user%remote.example@" + us + ">",
                "<\"user@remote.example\"@" + us + ">",
                "<\"user\\@remote.example\"@" + us + ">",
                "<\"user%remote.example\"@" + us + ">",
                "<\"remote.example!user\"@" + us + ">",
                "<remote.example!user@" + us + ">",
                "<" + us + "!user@remote.example>",
                "<user@[127.0.0.1]>",
                "<user@[192.0.2.1]>",
                "<user@[IPv6:::1]>",
                "<user@[IPv6:::ffff:127.0.0.1]>",
                "<user@[IPv6:2001:db8::1]>",
                "<user@sub." + us + ">",
                "<user@not" + us + ">",
                "<user@" + us + "x>",
                "<user@127.0.0.1>",
                "<user@remote.example> NOTIFY=NEVER",
                "<user@remote.example> ORCPT=rfc822;user@" + us,
                "<user@" + us + ".>",
                "<user@remote.example.>",
                "<user@." + us + ">",
                "<user@[" + us + "]>",
                "<user@[127.0.0.256]>",
                "<user@[IPv6:::1>",
                "<user@" + us + "@remote.example>",
                "<user@remote.example,user@" + us + ">",
                "<user@" + us + "%remote.example>",
                "<user@" + us + ":25>",
                "<user@" + us + "#remote.example>",
                "<user@remote.example#@" + us + ">",
                "<\"user\"remote.example@" + us + ">",
                "<@" + us + ">",
                "<@remote.example:>",
                "<user@>",
                "<user>",
                "<>",
                "<user@remote.example\0@" + us + ">",
                "<user@" + us + "\0.remote.example>",
                "<user@" + us + ">\0",
                "<user@" + us + ">\nRCPT TO:<user@remote.example>",
                "<user@" + us + ">\rRCPT TO:<user@remote.example>");
    }

    private static void relay(Target target) throws IOException {
        List<String> forms = forms(target);
        for (int from = 0; from < forms.size(); from += FORMS_PER_SESSION) {
            try (Wire wire = target.ready()) {
                wire.send(target.mail()).expect("250 ");
                List<String> some = forms.subList(from, Math.min(forms.size(), from + FORMS_PER_SESSION));
                for (String form : some) {
                    wire.send("RCPT TO:" + form + "\r\n").expect("5");
                }
                wire.send("DATA\r\n").expect("5").expectInStep();
            }
        }
        for (String asked : target.asked()) {
            Target.holds(!asked.startsWith("RCPT"), "the handler was asked " + Shown.text(asked));
        }
        target.expectNothingTaken();
    }

    private static void relayBehindLocal(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            target.envelope(wire);
            for (String form : forms(target).subList(0, FORMS_PER_SESSION)) {
                wire.send("RCPT TO:" + form + "\r\n").expect("5");
            }
            wire.send("DATA\r\n").expect("354 ").send(target.header() + ".\r\n").expect("250 ");
        }
        target.expectOne();
    }

    private static void relayAsLocal(Target target) throws IOException {
        for (String sender : List.of("", "postmaster@" + target.site.domain(), target.recipient())) {
            for (String hello : List.of("EHLO ", "HELO ")) {
                try (Wire wire = target.open()) {
                    wire.send(hello + target.site.domain() + "\r\n").expect("250");
                    wire.send("MAIL FROM:<" + sender + ">\r\n").expect("250 ", "5");
                    wire.send("RCPT TO:<user@remote.example>\r\n")
                            .expect("5")
                            .send("DATA\r\n")
                            .expect("5");
                }
            }
        }
        target.expectNothingTaken();
    }

    private static void withoutLogin(Target target) throws IOException {
        for (String hello : List.of("EHLO x.example\r\n", "HELO x.example\r\n")) {
            try (Wire wire = target.open()) {
                wire.send(hello).expect("250");
                wire.send(target.mail()).expect("530 ").send("MAIL FROM:<>\r\n").expect("530 ");
                wire.send(target.rcpt()).expect("503 ", "530 ").send("DATA\r\n").expect("503 ", "530 ");
            }
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
        target.expectNothingTaken();
    }
}

package dev.ehlo.smtp.mta.selftest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** G33: lines that two parsers may read in two ways. RFC 5321 §4.1.2, §4.5.3.1; RFC 6531. */
final class ParserAttacks {
    private static final String LABEL = "l".repeat(63);
    /** Refusals are errors, of which a session has few. */
    private static final int FORMS_PER_SESSION = 4;

    private ParserAttacks() {}

    static List<Attack> all() {
        return List.of(
                parsing("blanks and brackets: MAIL FROM: <a@b>, MAIL FROM:a@b", ParserAttacks::blanks),
                parsing("unbalanced quotes, backslashes, dots and literals", ParserAttacks::quotes),
                parsing("lengths beyond 64, 255 and 512 octets", ParserAttacks::lengths),
                parsing("parameters without a value, twice, and unknown", ParserAttacks::parameters),
                parsing("UTF-8 that is none, or without SMTPUTF8; U-labels", ParserAttacks::utf8),
                parsing("NUL, bare CR and bare LF in a command", ParserAttacks::controls));
    }

    private interface Forms {
        List<String> of(String mailbox, String domain);
    }

    private static Attack parsing(String name, Forms forms) {
        return Attack.of(
                "G33",
                name,
                Where.MAIL,
                "each is refused by 5yz, begins nothing, and is not asked about",
                target -> refuse(target, forms.of(target.sender(), target.site.domain())));
    }

    private static void refuse(Target target, List<String> forms) throws IOException {
        for (int from = 0; from < forms.size(); from += FORMS_PER_SESSION) {
            try (Wire wire = target.ready()) {
                for (String form : forms.subList(from, Math.min(forms.size(), from + FORMS_PER_SESSION))) {
                    wire.send(form + "\r\n").expect("5");
                }
                wire.send(target.rcpt()).expect("503 ").expectInStep();
            }
        }
        for (String asked : target.asked()) {
            Target.holds(!asked.startsWith("MAIL"), "the handler was asked " + Shown.text(asked));
        }
        expectMailStill(target);
    }

    private static void expectMailStill(Target target) throws IOException {
        target.forget();
        try (Wire wire = target.ready()) {
            target.content(wire).send(target.header() + ".\r\n").expect("250 ");
        }
        target.expectOne();
    }

    private static List<String> blanks(String mailbox, String domain) {
        return List.of(
                "MAIL",
                "MAIL FROM:",
                "MAIL FROM: <" + mailbox + ">",
                "MAIL FROM:\t<" + mailbox + ">",
                "MAIL FROM:" + mailbox,
                "MAIL FROM <" + mailbox + ">",
                "MAIL FROM=<" + mailbox + ">",
                "MAIL TO:<" + mailbox + ">",
                "MAIL  FROM:<" + mailbox + ">",
                "MAIL\tFROM:<" + mailbox + ">",
                " MAIL FROM:<" + mailbox + ">",
                "MAILFROM:<" + mailbox + ">",
                "MAIL FROM:<" + mailbox,
                "MAIL FROM:" + mailbox + ">",
                "MAIL FROM:<<" + mailbox + ">>",
                "MAIL FROM:<" + mailbox + ">>",
                "MAIL FROM:<" + mailbox + ">x",
                "MAIL FROM:<" + mailbox + ">SIZE=1",
                "MAIL FROM:Alice <" + mailbox + ">",
                "MAIL FROM:<(Alice) " + mailbox + ">",
                "MAIL FROM:< " + mailbox + ">",
                "MAIL FROM:< >");
    }

    private static List<String> quotes(String mailbox, String domain) {
        List<String> forms = new ArrayList<>();
        for (String local : List.of(
                "\"alice",
                "alice\"",
                "\"alice\\\"",
                "\"ali\"ce",
                "\"alice\"\"x\"",
                "alice\\",
                "\"alice\t\"",
                ".alice",
                "alice.",
                "ali..ce",
                "",
                "a@b",
                "a,b",
                "a;b")) {
            forms.add("MAIL FROM:<" + local + "@" + domain + ">");
        }
        for (String host : List.of(
                "",
                domain + ".",
                "exam_ple.org",
                "-example.org",
                "example-.org",
                "[127.0.0.1",
                "[127.1]",
                "[::1]",
                "[IPv6:1::2::3]")) {
            forms.add("MAIL FROM:<alice@" + host + ">");
        }
        forms.add("MAIL FROM:<alice>");
        return forms;
    }

    private static List<String> lengths(String mailbox, String domain) {
        String longest = (LABEL + ".").repeat(4);
        return List.of(
                "MAIL FROM:<" + "a".repeat(65) + "@" + domain + ">",
                "MAIL FROM:<\"" + "a".repeat(64) + "\"@" + domain + ">",
                "MAIL FROM:<alice@" + LABEL + "l." + domain + ">",
                "MAIL FROM:<a@" + longest + "ll>",
                "MAIL FROM:<" + mailbox + "> SIZE=1 " + "X".repeat(3000),
                "EHLO " + "l".repeat(3000));
    }

    private static List<String> parameters(String mailbox, String domain) {
        List<String> forms = new ArrayList<>();
        for (String parameter : List.of(
                "SIZE",
                "SIZE =1",
                "SIZE= 1",
                "=1",
                "SIZE=1=1",
                "BODY=7BIT BODY=8BITMIME",
                "SMTPUTF8=1",
                "BODY",
                "X-UNKNOWN=1",
                "NOTIFY=NEVER")) {
            forms.add("MAIL FROM:<" + mailbox + "> " + parameter);
        }
        return forms;
    }

    private static List<String> utf8(String mailbox, String domain) {
        List<String> forms = new ArrayList<>();
        for (String bad : List.of("\303(", "\344", "\300\257", "\340\200\274", "\355\240\200", "\364\220\200\200")) {
            forms.add("MAIL FROM:<" + bad + "@" + domain + "> SMTPUTF8");
        }
        forms.add("MAIL FROM:<" + octets("ä") + "@" + domain + ">");
        forms.add("MAIL FROM:<alice@ex" + octets("ä") + "mple.org>");
        forms.add("MAIL FROM:<alice@" + octets("ｅ") + "xample.org>");
        forms.add("\357\273\277MAIL FROM:<" + mailbox + ">");
        forms.add("MA" + octets("İ") + "L FROM:<" + mailbox + ">");
        return forms;
    }

    private static String octets(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static List<String> controls(String mailbox, String domain) {
        return List.of(
                "MAIL FROM:<alice\0@" + domain + ">",
                "MAIL FROM:<" + mailbox + ">\0",
                "MAIL FROM:<" + mailbox + ">\nRSET",
                "MAIL FROM:<" + mailbox + ">\rRSET",
                "MAIL\0 FROM:<" + mailbox + ">",
                "\33MAIL FROM:<" + mailbox + ">");
    }
}

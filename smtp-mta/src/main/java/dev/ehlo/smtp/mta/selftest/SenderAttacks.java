package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** G31: users who would be another one, in the envelope or in the header. RFC 6409 §6.1, RFC 5322 §3.6. */
final class SenderAttacks {
    /** Refusals are errors, of which a session has few. */
    private static final int HEADERS_PER_SESSION = 2;

    private SenderAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "G31",
                        "MAIL FROM of another user, of a stranger, in disguise",
                        Where.USERS,
                        "refused by 5yz, and the handler is not asked",
                        SenderAttacks::envelope),
                Attack.of(
                        "G31",
                        "From and Sender of another; several, groups, folded, encoded, in comments",
                        Where.USERS,
                        "refused by 5yz, by DATA and by BDAT, and no message is taken",
                        SenderAttacks::header));
    }

    private static void envelope(Target target) throws IOException {
        String us = target.site.domain();
        String login = target.site.login();
        for (String sender : List.of(
                target.site.friend() + "@" + us,
                "stranger@remote.example",
                login + "@remote.example",
                login + "@sub." + us,
                login + "%remote.example@" + us,
                "\"" + login + "@remote.example\"@" + us,
                login + "." + "@" + us,
                "@" + us + ":" + target.site.friend() + "@" + us)) {
            try (Wire wire = target.ready()) {
                wire.send("MAIL FROM:<" + sender + ">\r\n").expect("5");
                wire.send(target.rcpt()).expect("503 ").expectInStep();
            }
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
    }

    private static List<String> headers(Target target) {
        String own = target.sender();
        String other = target.recipient();
        return List.of(
                "From: " + other + "\r\n",
                "From: " + own + ", " + other + "\r\n",
                "From: " + own + "\r\nFrom: " + other + "\r\n",
                "From: " + other + "\r\nFrom: " + own + "\r\n",
                "From: " + own + "\r\nSender: " + other + "\r\n",
                "From: " + own + "\r\nSender: " + own + "\r\nSender: " + other + "\r\n",
                "From: \"" + own + "\" <" + other + ">\r\n",
                "From: (" + own + ") " + other + "\r\n",
                "From: <" + other + "> <" + own + ">\r\n",
                "From: Group: " + other + ";\r\n",
                "From: Group: " + own + ", " + other + ";\r\n",
                "From:\r\n " + other + "\r\n",
                "From: =?utf-8?q?" + own + "?= <" + other + ">\r\n",
                "from : " + other + "\r\n",
                "FROM: " + other + "\r\n",
                "From: " + own + "\rFrom: " + other + "\r\n",
                "From: " + own + "\nFrom: " + other + "\r\n",
                "From: " + own + "\r\n \r\n\t,\r\n " + other + "\r\n",
                "From: <@" + target.site.domain() + ":" + other + ">\r\n",
                "From: nobody\r\n");
    }

    private static void header(Target target) throws IOException {
        List<String> headers = headers(target);
        List<String> taken = new ArrayList<>();
        for (int from = 0; from < headers.size(); from += HEADERS_PER_SESSION) {
            try (Wire wire = target.ready()) {
                for (String header : headers.subList(from, Math.min(headers.size(), from + HEADERS_PER_SESSION))) {
                    target.forget();
                    String content = header + "Subject: selftest\r\n\r\n";
                    String byData = target.content(wire).send(content + ".\r\n").reply();
                    String byChunk =
                            target.envelope(wire).send(target.chunk(content)).reply();
                    wire.expectInStep();
                    if (!byData.startsWith("5")
                            || !byChunk.startsWith("5")
                            || !target.taken().isEmpty()) {
                        taken.add(header + byData + " " + byChunk);
                    }
                }
            }
        }
        Target.holds(taken.isEmpty(), Shown.text(String.join("; ", taken)));
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.net.SocketException;
import java.util.List;
import javax.net.ssl.SSLException;

/** A: what is done about STARTTLS. RFC 3207 §4.2, §6; CVE-2011-0411, CVE-2021-3618. */
final class StartTlsAttacks {
    private static final List<String> INJECTED = List.of(
            "RSET\r\n",
            "NOOP\r\n\0",
            "MAIL FROM:<a@remote.example>\r\n",
            "EHLO x\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<postmaster>\r\nDATA\r\n");

    private static final List<String> FIRST_OCTETS = List.of(
            "\0", "\r\n", "\26\3\1\2\0\1", "1EHLO x\r\n", " EHLO x\r\n", "\200\56\1\0\2", "{\"a\":1}\r\n", "\377\364");

    private StartTlsAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "A1",
                        "commands behind STARTTLS in its segment (CVE-2011-0411)",
                        Where.IN_CLEAR,
                        "554 or closed, no handshake, and the handler is asked nothing",
                        target -> eachInjected(target, "")),
                Attack.of(
                        "A1",
                        "commands behind STARTTLS in segments of their own",
                        Where.IN_CLEAR,
                        "554 or closed, no handshake, and the handler is asked nothing",
                        target -> eachInjected(target, "|")),
                Attack.of(
                        "A3",
                        "state of before kept under TLS",
                        Where.IN_CLEAR,
                        "MAIL, RCPT and DATA are 503 under TLS until EHLO, and RCPT and DATA after it",
                        StartTlsAttacks::keepState),
                Attack.of(
                        "A4",
                        "login and mail where TLS was stripped",
                        Where.USERS_IN_CLEAR,
                        "AUTH is not offered, and 538 or 530; MAIL, RCPT and DATA 530",
                        StartTlsAttacks::strip),
                Attack.of(
                        "A4",
                        "STARTTLS offered under TLS",
                        Where.UNDER_TLS,
                        "EHLO under TLS does not list STARTTLS",
                        StartTlsAttacks::offersAgain),
                Attack.of(
                        "A5",
                        "STARTTLS with an argument",
                        Where.IN_CLEAR,
                        "501, and STARTTLS without one goes on",
                        StartTlsAttacks::withArgument),
                Attack.of(
                        "A5",
                        "STARTTLS twice, after AUTH and in a transaction",
                        Where.UNDER_TLS,
                        "503 each time, and the transaction goes on in step",
                        StartTlsAttacks::twice),
                Attack.of(
                        "A5",
                        "STARTTLS within DATA and BDAT",
                        Where.MAIL,
                        "it is content, octet for octet",
                        StartTlsAttacks::withinContent),
                closeNotify("TLSv1.2"),
                closeNotify("TLSv1.3"),
                Attack.of(
                        "A8",
                        "HTTP: GET, POST, PUT, HEAD, CONNECT, OPTIONS (CVE-2021-3618)",
                        Where.EVERYWHERE,
                        "closed without a reply to what comes behind",
                        StartTlsAttacks::http),
                Attack.of(
                        "A8",
                        "a first octet that is no letter",
                        Where.EVERYWHERE,
                        "closed without a reply",
                        StartTlsAttacks::noLetter),
                Attack.of(
                        "A8",
                        "ALPN of another protocol",
                        Where.UNDER_TLS,
                        "no handshake with h2 alone, one with smtp among others",
                        StartTlsAttacks::otherProtocol));
    }

    private static void eachInjected(Target target, String cut) throws IOException {
        for (String injected : INJECTED) {
            try (Wire wire = target.connect()) {
                wire.expect("220 ");
                if (cut.isEmpty()) {
                    wire.send("STARTTLS\r\n" + injected);
                } else {
                    wire.send("STARTTLS\r\n").sendPerhaps(injected);
                }
                expectNoHandshake(wire, injected);
            }
            Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
        }
    }

    /** Whoever goes on with a handshake is not let in: it was somebody else's voice before. */
    private static void expectNoHandshake(Wire wire, String injected) throws IOException {
        String reply = wire.reply();
        if (reply.isEmpty() || reply.startsWith("554 ") || reply.startsWith("421 ")) {
            wire.expectEnd();
            return;
        }
        Target.holds(reply.startsWith("220 "), Shown.text(reply));
        String answers;
        try {
            wire.turnToTls();
            wire.send("VRFY postmaster\r\nQUIT\r\n");
            answers = String.valueOf(wire.untilEnd());
        } catch (IOException e) {
            return; // no handshake
        }
        throw new Broken("a handshake behind " + Shown.text(injected) + ", then " + Shown.text(answers));
    }

    private static void keepState(Target target) throws IOException {
        for (String before :
                List.of("", "EHLO clear.example\r\n", "EHLO clear.example\r\n" + target.mail() + target.rcpt())) {
            try (Wire wire = target.connect()) {
                wire.expect("220 ").send(before);
                for (int i = 0; i < before.lines().count(); i++) {
                    wire.expect("250", "530 ");
                }
                wire.send("STARTTLS\r\n").expect("220 ");
                wire.turnToTls();
                wire.send(target.mail())
                        .expect("503 ", "530 ")
                        .send(target.rcpt())
                        .expect("503 ", "530 ");
                wire.send("EHLO tls.example\r\n").expect("250");
                wire.send(target.rcpt()).expect("503 ", "530 ").send("DATA\r\n").expect("503 ", "530 ");
            }
        }
        target.expectNothingTaken();
    }

    private static void strip(Target target) throws IOException {
        try (Wire wire = target.open()) {
            String offers = wire.send("EHLO x.example\r\n").expected("250");
            Target.holds(!offers.contains("AUTH"), "AUTH offered in clear: " + Shown.text(offers));
            wire.send(target.login()).expect("538 ", "530 ");
            wire.send(target.mail()).expect("530 ");
        }
        try (Wire wire = target.open()) {
            wire.send("HELO x.example\r\n").expect("250 ", "530 ");
            wire.send(target.rcpt()).expect("530 ", "503 ").send("DATA\r\n").expect("530 ", "503 ");
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
    }

    private static void offersAgain(Target target) throws IOException {
        try (Wire wire = target.open()) {
            String offers = wire.send("EHLO x.example\r\n").expected("250");
            Target.holds(!offers.contains("STARTTLS"), Shown.text(offers));
        }
    }

    private static void withArgument(Target target) throws IOException {
        try (Wire wire = target.connect()) {
            wire.expect("220 ")
                    .send("STARTTLS now\r\n")
                    .expect("501 ")
                    .send("STARTTLS\r\n")
                    .expect("220 ");
            wire.turnToTls();
            wire.send("EHLO x.example\r\n").expect("250");
        }
    }

    private static void twice(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            wire.send("STARTTLS\r\n").expect("503 ", "502 ");
            wire.send(target.mail() + "STARTTLS\r\n" + target.rcpt());
            wire.expect("250 ").expect("503 ", "502 ").expect("250 ");
            wire.send("DATA\r\n").expect("354 ").send(target.header() + ".\r\n").expect("250 ");
        }
        target.expectOne();
    }

    private static void withinContent(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            target.content(wire).send(target.header() + "STARTTLS\r\n.\r\n").expect("250 ");
            wire.expectInStep();
            Target.holds(target.expectOne().content().endsWith("\r\n\r\nSTARTTLS\r\n"), "not taken as content");
            target.forget();
            target.envelope(wire)
                    .send(target.chunk(target.header() + "STARTTLS\r\n"))
                    .expect("250 ");
            wire.expectInStep();
            Target.holds(target.expectOne().content().endsWith("\r\n\r\nSTARTTLS\r\n"), "not taken as content");
        }
    }

    private static Attack closeNotify(String version) {
        return Attack.of(
                "A6",
                "close_notify in a body, then clear text, " + version + " (CVE-2026-45185)",
                Where.UNDER_TLS,
                "nothing is answered in clear, and no message is taken",
                target -> {
                    try (Wire wire = target.open(target.connect(), version)) {
                        target.content(target.ready(wire)).send("Subject: half\r\n\r\nhalf\r\n");
                        wire.tls().shutdownOutput();
                        wire.sendBelow(
                                ".\r\nMAIL FROM:<evil@remote.example>\r\nRCPT TO:<evil@remote.example>\r\nQUIT\r\n");
                        String said = wire.rawUntilEnd();
                        for (int code = said.indexOf("25"); code >= 0; code = said.indexOf("25", code + 1)) {
                            Target.holds(!said.startsWith("0 ", code + 2), "in clear: " + Shown.text(said));
                        }
                    } catch (SSLException e) {
                        throw new Broken("no way to close_notify: " + Shown.text("" + e.getMessage()));
                    }
                    target.expectNothingTaken();
                });
    }

    private static void http(Target target) throws IOException {
        for (String method : List.of("GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS")) {
            expectClosed(target, method + " / HTTP/1.1\r\nHost: x\r\n\r\n");
        }
    }

    private static void noLetter(Target target) throws IOException {
        for (String first : FIRST_OCTETS) {
            expectClosed(target, first);
        }
    }

    private static void expectClosed(Target target, String first) throws IOException {
        try (Wire wire = target.open()) {
            wire.sendPerhaps(first + "EHLO x.example\r\n" + target.mail() + "QUIT\r\n");
            List<String> said = wire.untilEnd();
            Target.holds(
                    said.stream().noneMatch(reply -> reply.startsWith("2")),
                    Shown.text(first) + ": " + Shown.text("" + said));
            Target.holds(said.size() <= 1, Shown.text(first) + ": " + Shown.text("" + said));
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
    }

    private static void otherProtocol(Target target) throws IOException {
        for (String version : List.of("TLSv1.2", "TLSv1.3")) {
            boolean refused = false;
            try (Wire wire = target.open(target.connect(), version, "h2", "http/1.1")) {
                wire.send("NOOP\r\n");
            } catch (SSLException | SocketException e) {
                refused = true;
            }
            Target.holds(refused, "a handshake with h2 and http/1.1, " + version);
            try (Wire wire = target.open(target.connect(), version, "h2", "smtp")) {
                String chosen = wire.tls().getApplicationProtocol();
                Target.holds(chosen.isEmpty() || chosen.equals("smtp"), "chose " + Shown.text(chosen));
            }
        }
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** G32: who would name another client: by a PROXY header or XCLIENT. */
final class ProxyAttacks {
    private static final String VERSION_1 = "PROXY TCP4 198.51.100.7 203.0.113.1 40007 25\r\n";
    private static final String VERSION_2_SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    /** IPv4 over TCP, 12 octets of addresses, and a TLV of 3 octets and 4. */
    private static final String ADDRESSES = "\306\63\144\7\313\0\161\1\234\107\0\31";

    private static final String TLV = "\2\0\4host";
    /** What a header may take, and more. */
    private static final long HEADER_SECONDS = 60;

    private ProxyAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "G32",
                        "a PROXY header of a client that is no proxy, v1 and v2",
                        Where.EVERYWHERE,
                        "refused as a command or closed, and the client stays who it is",
                        ProxyAttacks::fromStranger),
                Attack.of(
                        "G32",
                        "XCLIENT from a stranger",
                        Where.EVERYWHERE,
                        "not offered, 50z or 550, and relaying is refused behind it",
                        ProxyAttacks::xclient),
                Attack.of(
                                "G32",
                                "a proxy's header malformed: v1 over 107 octets, v2 with a bad TLV",
                                Where.SERVERS,
                                "closed without a word",
                                ProxyAttacks::malformed)
                        .at(Attack.Pace.PROXIED),
                Attack.of(
                                "G32",
                                "a proxy's header that does not come, or not to its end",
                                Where.SERVERS,
                                "closed without a word within 60 s",
                                ProxyAttacks::missing)
                        .at(Attack.Pace.PROXIED));
    }

    private static String version2(int length, String rest) {
        return VERSION_2_SIGNATURE + "\41\21" + (char) (length >> 8) + (char) (length & 0xff) + rest;
    }

    private static void fromStranger(Target target) throws IOException {
        for (String header : List.of(VERSION_1, version2(12, ADDRESSES))) {
            // In front of the greeting, where a proxy would say it.
            try (Wire wire = target.connect()) {
                wire.sendPerhaps(header);
                if (target.entrance.tls() == Entrance.Tls.IMPLICIT) {
                    expectNoHandshake(wire);
                } else {
                    wire.sendPerhaps("EHLO x.example\r\n");
                    String said = wire.reply();
                    said = said.startsWith("220 ") ? wire.reply() : said;
                    Target.holds(said.isEmpty() || said.startsWith("5") || said.startsWith("421"), Shown.text(said));
                }
            }
        }
        for (String header : List.of(VERSION_1, version2(12, ADDRESSES))) {
            try (Wire wire = target.open()) {
                wire.sendPerhaps(header + "EHLO x.example\r\n" + target.mail());
                String reply = wire.reply();
                Target.holds(reply.isEmpty() || reply.startsWith("5") || reply.startsWith("421"), Shown.text(reply));
            }
        }
    }

    private static void expectNoHandshake(Wire wire) {
        try {
            wire.turnToTls();
        } catch (IOException e) {
            return; // taken for what it is
        }
        throw new Broken("a handshake behind the header");
    }

    /** A proxy is what is served there. */
    private static void expectServesProxies(Target target) throws IOException {
        try (Wire wire = target.connect()) {
            wire.send(version2(19, ADDRESSES + TLV)).expect("220 ");
        }
    }

    private static void xclient(Target target) throws IOException {
        try (Wire wire = target.open()) {
            String offers = wire.send("EHLO x.example\r\n").expected("250");
            Target.holds(!offers.contains("XCLIENT"), "offered: " + Shown.text(offers));
            wire.send("XCLIENT ADDR=127.0.0.1 NAME=localhost LOGIN=" + target.site.login() + "\r\n")
                    .expect("5");
            wire.send(target.mail()).expect("250 ", "530 ");
            wire.send("RCPT TO:<user@remote.example>\r\n").expect("5");
        }
        target.expectNothingTaken();
    }

    private static void malformed(Target target) throws IOException {
        String good = version2(19, ADDRESSES + TLV);
        for (String bad : List.of(
                "EHLO x\r\n",
                "\26\3\1\2\0\1\0\1\374\3\3",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007\r\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007 25\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007 65536\r\n",
                "PROXY TCP4 mx.example.org 203.0.113.1 40007 25\r\n",
                "PROXY UNKNOWN " + "x".repeat(108 - 16) + "\r\n",
                "PROXY UNKNOWN " + "x".repeat(5000),
                good.replace("\2\0\4host", "\2\0\5host"),
                good.replace("\2\0\4host", "\2\1\4host"),
                version2(11, ADDRESSES + TLV),
                version2(65535, ADDRESSES + TLV + "x".repeat(70_000)),
                VERSION_2_SIGNATURE + "\42" + good.substring(VERSION_2_SIGNATURE.length() + 1))) {
            try (Wire wire = target.connect()) {
                wire.sendPerhaps(bad);
                String said = wire.rawUntilEnd();
                Target.holds(said.isEmpty(), Shown.text(bad) + " is answered " + Shown.text(said));
            }
        }
        expectServesProxies(target);
    }

    private static void missing(Target target) throws IOException {
        for (String begun : List.of("", "PROXY", VERSION_2_SIGNATURE)) {
            try (Wire wire = target.connect()) {
                wire.send(begun).patience((int) TimeUnit.SECONDS.toMillis(HEADER_SECONDS / target.site.factor() + 10));
                String said = wire.rawUntilEnd();
                Target.holds(said.isEmpty(), Shown.text(begun) + " is answered " + Shown.text(said));
            }
        }
        expectServesProxies(target);
    }
}

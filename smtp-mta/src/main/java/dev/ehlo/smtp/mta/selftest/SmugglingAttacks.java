package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** B: one message with another inside that some server would see. CVE-2023-51764 and its kin; RFC 5321 §4.5.2. */
final class SmugglingAttacks {
    private static final List<String> SEQUENCES = List.of(
            "\n.\n",
            "\n.\r\n",
            "\r\n.\n",
            "\r.\r",
            "\r.\n",
            "\n.\r",
            "\r.\r\n",
            "\r\n.\r",
            "\r\n.\r\r\n",
            "\r\r\n.\r\r\n",
            "\r\n\0.\r\n",
            "\r\n.\0\r\n");

    /** Refusals are errors, of which a session has few. */
    private static final int CUTS_PER_SESSION = 3;

    private SmugglingAttacks() {}

    static List<Attack> all() {
        List<Attack> all = new ArrayList<>();
        for (String sequence : SEQUENCES) {
            all.add(Attack.of(
                    "B8",
                    Shown.text(sequence) + " for end of data, in DATA, at every cut",
                    Where.MAIL,
                    "one reply, and behind the server either nothing or one message with all of it inside",
                    target -> smuggleByData(target, sequence)));
        }
        for (String sequence : SEQUENCES) {
            all.add(Attack.of(
                    "B8",
                    Shown.text(sequence) + " within a chunk, and between two",
                    Where.MAIL,
                    "a reply for each chunk, and behind the server either nothing or one message with all of it inside",
                    target -> smuggleByChunk(target, sequence)));
        }
        all.add(Attack.of(
                "B8",
                "CRLF.CRLF cut at every octet and record",
                Where.MAIL,
                "it ends the message, however it comes, and the content is whole",
                SmugglingAttacks::cutEnd));
        all.add(Attack.of(
                "B8",
                "dots, NUL, 8-bit octets, an empty message, a chunk without CRLF",
                Where.MAIL,
                "the content behind the server is what was said, less the dots that were stuffed, which chunks have none of",
                SmugglingAttacks::framings));
        all.add(Attack.of(
                "B8",
                "commands in content that the handler has refused",
                Where.MAIL,
                "one refusal, the session in step, and no command of the content was asked about",
                SmugglingAttacks::refusedContent));
        all.add(Attack.of(
                "B9",
                "pipelining across end of data behind HELO",
                Where.SERVERS,
                "refused and closed, and no message is taken",
                SmugglingAttacks::pipelineUnoffered));
        all.add(Attack.of(
                "B9",
                "content before 354",
                Where.MAIL,
                "no line of the content is asked about as a command; from other servers the whole is refused",
                SmugglingAttacks::contentTooEarly));
        all.add(Attack.of(
                "B10",
                "a terminator on the way from the spool to the next hop",
                Where.MAIL,
                "what leaves the queue is what came into it, to the octet",
                SmugglingAttacks::internalHop));
        return all;
    }

    private static String smuggled(Target target) {
        return "MAIL FROM:<admin@" + target.site.domain() + ">\r\n" + target.rcpt() + "DATA\r\nsmuggled\r\n";
    }

    private static void smuggleByData(Target target, String sequence) throws IOException {
        String front = target.header() + "body";
        String rest = smuggled(target) + ".\r\n";
        Wire wire = target.ready();
        try {
            for (int cut = 0; cut <= sequence.length(); cut++) {
                if (cut > 0 && cut % CUTS_PER_SESSION == 0) {
                    wire.close();
                    wire = target.ready();
                }
                target.forget();
                target.content(wire).send(front + sequence.substring(0, cut));
                wire.send(sequence.substring(cut) + rest);
                judge(target, sequence, List.of(wire.reply()));
                wire.expectInStep();
            }
        } finally {
            wire.close();
        }
    }

    private static void smuggleByChunk(Target target, String sequence) throws IOException {
        String whole = target.header() + "body" + sequence + smuggled(target) + ".\r\n";
        int cut = whole.indexOf(sequence, target.header().length()) + 1;
        try (Wire wire = target.ready()) {
            target.envelope(wire).send(target.chunk(whole));
            judge(target, sequence, List.of(wire.reply()));
            wire.expectInStep();
        }
        target.forget();
        try (Wire wire = target.ready()) {
            target.envelope(wire)
                    .send("BDAT " + cut + "\r\n" + whole.substring(0, cut) + target.chunk(whole.substring(cut)));
            judge(target, sequence, List.of(wire.reply(), wire.reply()));
            wire.expectInStep();
        }
    }

    private static void judge(Target target, String sequence, List<String> replies) {
        for (String asked : target.asked()) {
            Target.holds(!asked.contains("admin@"), "the handler was asked " + Shown.text(asked));
        }
        String last = replies.get(replies.size() - 1);
        if (!last.startsWith("250 ")) {
            Target.holds(last.startsWith("5"), Shown.text(last));
            target.expectNothingTaken();
            return;
        }
        String content = target.expectOne().content();
        Target.holds(content.contains("MAIL FROM:<admin@"), "what is smuggled is not in the message");
        int relayed = content.replace("\r\n", "").replaceAll("[^\r\n]", "").length();
        Target.holds(relayed == 0, Shown.text(sequence) + " goes on with a bare CR or LF");
    }

    private static void cutEnd(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            String end = "\r\n.\r\n";
            for (int at = 0; at <= end.length(); at++) {
                target.content(wire).send(target.header() + "body" + end.substring(0, at));
                if (at < end.length()) {
                    wire.send(end.substring(at));
                }
                expectBody(target, wire);
            }
            // Under TLS this cuts the record: 5 octets of header, the terminator, and what authenticates it.
            for (int at = 1; at < 24; at++) {
                int cut = at;
                target.content(wire).send(target.header() + "body");
                wire.cut(octets -> cut < octets.length ? split(octets, cut) : List.of(octets));
                wire.send(end);
                wire.cut(List::of);
                expectBody(target, wire);
            }
        }
    }

    private static List<byte[]> split(byte[] octets, int at) {
        byte[] first = new byte[at];
        byte[] second = new byte[octets.length - at];
        System.arraycopy(octets, 0, first, 0, at);
        System.arraycopy(octets, at, second, 0, second.length);
        return List.of(first, second);
    }

    private static void expectBody(Target target, Wire wire) throws IOException {
        wire.expect("250 ");
        Target.holds(target.expectOne().content().endsWith("\r\n\r\nbody\r\n"), "the content is not whole");
        target.forget();
    }

    private static void framings(Target target) throws IOException {
        String[][] framings = {
            {".\r\n", ""},
            {"..\r\n.\r\n", ".\r\n"},
            {"\r\n..\r\n.\r\n", "\r\n.\r\n"},
            {".hidden\r\n.\r\n", "hidden\r\n"},
            {"...\r\n.\r\n", "..\r\n"},
            {"no\0thing \377 wide\r\n.\r\n", "no\0thing \377 wide\r\n"},
            {"without its end.\r\n.\r\n", "without its end.\r\n"}
        };
        try (Wire wire = target.ready()) {
            for (String[] framing : framings) {
                target.forget();
                target.content(wire).send(target.header() + framing[0]).expect("250 ");
                wire.expectInStep();
                String taken = target.expectOne().content();
                Target.holds(
                        taken.endsWith("\r\n\r\n" + framing[1]),
                        Shown.text(framing[0]) + " is behind the server "
                                + Shown.text(taken.substring(Math.max(0, taken.length() - 40))));
                target.forget();
                String raw = framing[0].substring(0, framing[0].length() - 2);
                target.envelope(wire).send(target.chunk(target.header() + raw)).expect("250 ");
                wire.expectInStep();
                Target.holds(
                        target.expectOne().content().endsWith("\r\n\r\n" + raw),
                        "a chunk was unstuffed: " + Shown.text(raw));
            }
            target.forget();
            target.content(wire).send(".\r\n").expect("250 ");
            wire.expectInStep();
            target.expectOne();
        }
    }

    private static void refusedContent(Target target) throws IOException {
        String body = target.header() + "body\r\n" + smuggled(target) + ".\r\n";
        for (Watch.Fault fault : List.of(Watch.Fault.WRITE, Watch.Fault.COMPLETE)) {
            try (Wire wire = target.ready()) {
                target.site.watch().arm(target.client(), fault);
                target.content(wire).send(body).expect("45", "5");
                wire.expectInStep();
                target.envelope(wire).send(target.chunk(body)).expect("45", "5");
                wire.expectInStep();
            } finally {
                target.site.watch().disarm(target.client());
            }
        }
        for (String asked : target.asked()) {
            Target.holds(!asked.contains("admin@"), "the handler was asked " + Shown.text(asked));
        }
        target.expectNothingTaken();
    }

    private static void pipelineUnoffered(Target target) throws IOException {
        try (Wire wire = target.open()) {
            wire.send("HELO attacker.example\r\n").expect("250 ");
            target.content(wire).send(target.header() + "body\r\n.\r\n" + smuggled(target) + ".\r\n");
            wire.expect("5", "421 ");
            Target.holds(wire.untilEnd().isEmpty(), "went on behind the refusal");
        }
        target.expectNothingTaken();
    }

    private static void contentTooEarly(Target target) throws IOException {
        String[] flights = {
            target.mail() + target.rcpt() + "DATA\r\n",
            target.mail() + "RCPT TO:<nobody-there@" + target.site.domain() + ">\r\nDATA\r\n",
            target.mail() + "DATA\r\n",
            "DATA\r\n",
            "DATA now\r\n"
        };
        for (String flight : flights) {
            target.forget();
            try (Wire wire = target.ready()) {
                wire.sendPerhaps(flight + target.header() + smuggled(target) + ".\r\nQUIT\r\n");
                List<String> replies = wire.untilEnd();
                boolean taken = replies.stream().anyMatch(reply -> reply.startsWith("354 "));
                if (target.entrance.isForUsers() && taken) {
                    target.expectOne();
                } else {
                    Target.holds(replies.size() <= flight.lines().count(), Shown.text("" + replies));
                    target.expectNothingTaken();
                }
            }
            for (String asked : target.asked()) {
                Target.holds(!asked.contains("admin@"), "the handler was asked " + Shown.text(asked));
            }
        }
    }

    private static void internalHop(Target target) throws IOException {
        String id = "hop-" + target.client().getHostAddress() + "-" + target.entrance.tls();
        String body = target.header().replace("selftest", id) + ".\r\nbody\r\n.\r\n" + smuggled(target) + "..\r\n";
        try (Wire wire = target.ready()) {
            target.envelope(wire).send(target.chunk(body)).expect("250 ");
        }
        String came = target.expectOne().content();
        List<Watch.Message> left =
                target.site.watch().awaitLeft(message -> message.content().contains(id), 1);
        Target.holds(left.size() == 1, left.size() + " messages left the queue instead of one");
        Target.holds(
                came.endsWith("\r\n\r\n.\r\nbody\r\n.\r\n" + smuggled(target) + "..\r\n"), "changed on the way in");
        Target.holds(left.get(0).content().equals(came), "changed in the queue");
    }
}

package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** E25, E26: mail that makes more mail, and a disk that fails. RFC 5321 §6.1, RFC 3461. */
final class QueueAttacks {
    private static final int MANY_RECIPIENTS = 50;

    private QueueAttacks() {}

    static List<Attack> all() {
        List<Attack> all = new ArrayList<>(List.of(
                Attack.of(
                        "E25",
                        "bounce of a bounce: from <> to a mailbox that can't be delivered to",
                        Where.SERVERS,
                        "a bounce for a sender leaves the queue, and for <> none does",
                        QueueAttacks::bounceOfABounce),
                Attack.of(
                        "E25",
                        "NOTIFY=SUCCESS for 50 recipients",
                        Where.MAIL,
                        "refused, or one notification at most for the message",
                        QueueAttacks::amplify),
                Attack.of(
                        "E25",
                        "ENVID over 100 characters and of 10^4; ORCPT with +00, +0D+0A",
                        Where.MAIL,
                        "refused by 5yz, and the handler is asked nothing",
                        QueueAttacks::hugeIds)));
        for (Watch.Fault fault : Watch.Fault.values()) {
            String name = switch (fault) {
                case OPEN -> "no room for a message (no inodes)";
                case WRITE -> "the disk is full in the middle of content";
                case COMPLETE -> "the message can't be made sure (EIO on fsync)";
            };
            all.add(Attack.of(
                    "E26",
                    name,
                    Where.MAIL,
                    "4yz, never 250; in step, and taken once the fault is over",
                    target -> fail(target, fault)));
        }
        return all;
    }

    private static void bounceOfABounce(Target target) throws IOException {
        String id = "bounce-" + target.client().getHostAddress() + "-" + target.entrance.tls();
        String rcpt = "RCPT TO:<" + target.site.refusing() + "@" + target.site.domain() + ">\r\n";
        List<Watch.Message> attempts = List.of();
        // The second one behind the first, so that a bounce of the first would leave before that of the second.
        for (String sender : List.of("", id + "@remote.example")) {
            try (Wire wire = target.ready()) {
                wire.send("MAIL FROM:<" + sender + ">\r\n" + rcpt)
                        .expect("250 ")
                        .expect("250 ");
                wire.send("DATA\r\n")
                        .expect("354 ")
                        .send("Subject: " + id + "\r\n\r\n.\r\n")
                        .expect("250 ");
            }
            int before = attempts.size();
            attempts = target.site
                    .watch()
                    .awaitLeft(
                            left -> left.content().contains(id)
                                    && left.recipients().contains(target.site.refusing() + "@" + target.site.domain()),
                            before + 1);
            Target.holds(attempts.size() > before, "not delivered from the queue");
        }
        List<Watch.Message> told =
                target.site.watch().awaitLeft(left -> left.recipients().contains(id + "@remote.example"), 1);
        Target.holds(told.size() == 1, told.size() + " bounces to the sender");
        List<Watch.Message> bounces =
                target.site.watch().awaitLeft(left -> left.content().contains(id) && isReport(left), 1);
        Target.holds(bounces.size() == 1, bounces.size() + " bounces of two messages, of which one is from <>");
    }

    private static void amplify(Target target) throws IOException {
        String id = "notify-" + target.client().getHostAddress() + "-" + target.entrance.tls();
        int taken = 0;
        try (Wire wire = target.ready()) {
            wire.send(target.mail()).expect("250 ");
            for (int i = 0; i < MANY_RECIPIENTS; i++) {
                String reply = wire.send(target.rcpt().replace("\r\n", " NOTIFY=SUCCESS\r\n"))
                        .expected("250 ", "4", "5");
                if (!reply.startsWith("250 ")) {
                    break;
                }
                taken++;
            }
            if (taken == 0) {
                wire.expectInStep();
                return;
            }
            wire.send("DATA\r\n")
                    .expect("354 ")
                    .send("From: " + target.sender() + "\r\nSubject: " + id + "\r\n\r\n.\r\n");
            wire.expect("250 ");
        }
        target.site.watch().awaitLeft(left -> left.content().contains(id) && !isReport(left), 1);
        List<Watch.Message> reports =
                target.site.watch().awaitLeft(left -> left.content().contains(id) && isReport(left), 2);
        Target.holds(reports.size() <= 1, reports.size() + " notifications for one message");
    }

    private static boolean isReport(Watch.Message message) {
        return message.content().contains("multipart/report");
    }

    private static void hugeIds(Target target) throws IOException {
        for (String id : List.of("x".repeat(101), "x".repeat(1000), "+00", "a+0D+0Ab", "+0", "+zz")) {
            try (Wire wire = target.ready()) {
                wire.send(target.mail().replace("\r\n", " ENVID=" + id + "\r\n"))
                        .expect("501 ", "555 ", "500 ");
                wire.expectInStep();
            }
        }
        Target.holds(target.asked().isEmpty(), "the handler was asked " + Shown.text("" + target.asked()));
        for (String id : List.of("rfc822;+00", "rfc822;a+0D+0Ab", "rfc822;" + "x".repeat(600), "rfc822", ";x")) {
            target.forget();
            try (Wire wire = target.ready()) {
                wire.send(target.mail()).expect("250 ");
                wire.send(target.rcpt().replace("\r\n", " ORCPT=" + id + "\r\n"))
                        .expect("501 ", "555 ", "500 ");
                wire.expectInStep();
            }
            Target.holds(
                    target.asked().stream().noneMatch(asked -> asked.startsWith("RCPT")),
                    "the handler was asked " + Shown.text("" + target.asked()));
        }
    }

    private static void fail(Target target, Watch.Fault fault) throws IOException {
        Watch watch = target.site.watch();
        try (Wire wire = target.ready()) {
            watch.arm(target.client(), fault);
            String begun = target.envelope(wire).send("DATA\r\n").expected("354 ", "4");
            if (begun.startsWith("354 ")) {
                wire.send(target.header() + "x\r\n".repeat(20_000) + ".\r\n").expect("4");
            }
            wire.expectInStep();
            String content = target.header() + "x\r\n".repeat(20_000);
            wire.send("RSET\r\n").expect("250 ");
            target.envelope(wire).send(target.chunk(content)).expect("4");
            wire.expectInStep();
            target.expectNothingTaken();
            watch.disarm(target.client());
            target.content(wire).send(target.header() + ".\r\n").expect("250 ");
            target.expectOne();
        } finally {
            watch.disarm(target.client());
        }
    }
}

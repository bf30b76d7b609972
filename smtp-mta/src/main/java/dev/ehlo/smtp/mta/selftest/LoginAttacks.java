package dev.ehlo.smtp.mta.selftest;

import static dev.ehlo.smtp.mta.selftest.Target.base64;
import static dev.ehlo.smtp.mta.selftest.Target.plain;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/** G30: strangers who would be somebody. RFC 4954, RFC 4616, RFC 5802, RFC 7628. */
final class LoginAttacks {
    private static final String OUTCOME = "no reply is 235, and MAIL is 530 behind it";
    /** Of each kind of login, to be compared. */
    private static final int TIMINGS = 15;
    /** Some logins are locked out for a while because of others that were here. */
    private static final int MOST_TRIES = 60;

    /** One takes so many times as long as the other, give or take what a busy machine adds. */
    private static final double TELLING = 2.5;

    private LoginAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "G30",
                        "AUTH in clear where TLS is required",
                        Where.USERS_IN_CLEAR,
                        "538 or 530, with the right password too",
                        target -> {
                            try (Wire wire = target.open()) {
                                wire.send("EHLO x.example\r\n").expect("250");
                                wire.send(target.login()).expect("538 ", "530 ");
                                wire.send("AUTH LOGIN\r\n").expect("538 ", "530 ");
                            }
                        }),
                Attack.of(
                        "G30",
                        "AUTH where there are no users",
                        Where.SERVERS,
                        "not offered, and refused by 50z",
                        LoginAttacks::whereThereIsNone),
                Attack.of("G30", "AUTH twice, and in a transaction", Where.USERS, "503 each time", LoginAttacks::twice),
                Attack.of(
                        "G30",
                        "AUTH= on MAIL by a stranger",
                        Where.SERVERS,
                        "refused, or not told to the handler",
                        LoginAttacks::spoofed),
                lines("wrong and empty passwords, wrong case", LoginAttacks::wrong),
                lines("NUL inside PLAIN, parts missing and too many", LoginAttacks::malformed),
                lines("authzid ≠ authcid", LoginAttacks::anotherIdentity),
                lines("base64 of length 4n+3, and with other octets", LoginAttacks::badBase64),
                lines("dialogues cancelled, empty, and cut short", LoginAttacks::dialogues),
                lines("SCRAM: n, y, p downgraded; a nonce cut; proofs made up", LoginAttacks::scram),
                lines("XOAUTH2 and OAUTHBEARER with tokens made up, and their error round trip", LoginAttacks::tokens),
                lines("EXTERNAL without a certificate, ANONYMOUS, CRAM-MD5", LoginAttacks::others),
                Attack.of(
                        "G30",
                        "time that tells a known login from an unknown one",
                        Where.USERS,
                        "the quickest of 15 refusals each, or of more, are within a factor of 2.5 of each other",
                        LoginAttacks::timing));
    }

    /** Dialogues, each of the lines that one sends, after the last of which nobody may be logged in. */
    private static Attack lines(String name, Function<Target, List<List<String>>> dialogues) {
        return Attack.of("G30", name, Where.USERS, OUTCOME, target -> {
            int judged = 0;
            for (List<String> dialogue : dialogues.apply(target)) {
                target.moveAway();
                judged += refuse(target, dialogue) ? 1 : 0;
            }
            Target.holds(judged > 0, "each login is locked out already, so that none was tried");
        });
    }

    /** Whether the login was judged, and not put off because of others before it. */
    private static boolean refuse(Target target, List<String> dialogue) throws IOException {
        try (Wire wire = target.open()) {
            wire.send("EHLO x.example\r\n").expect("250");
            String reply = "";
            for (String line : dialogue) {
                reply = wire.send(line).reply();
                Target.holds(!reply.startsWith("2"), Shown.text(reply) + " to " + Shown.text(line));
                if (!reply.startsWith("334")) {
                    break;
                }
            }
            if (reply.startsWith("334")) {
                wire.send("*\r\n").expect("5");
            }
            if (reply.startsWith("421") || reply.isEmpty()) {
                return false;
            }
            wire.send(target.mail()).expect("530 ");
            return !reply.startsWith("4");
        }
    }

    private static List<List<String>> each(String... commands) {
        return Arrays.stream(commands).map(List::of).toList();
    }

    private static List<List<String>> wrong(Target target) {
        String login = target.site.guessed().get();
        String password = target.site.password();
        return each(
                plain("\0" + target.site.guessed().get() + "\0wrong"),
                plain("\0nobody-there\0" + password),
                plain("\0" + login + "\0"),
                plain("\0\0" + password),
                plain("\0" + login + "\0" + password.toUpperCase(java.util.Locale.ROOT)),
                plain("\0" + login + "@remote.example\0" + password));
    }

    private static List<List<String>> malformed(Target target) {
        String login = target.site.guessed().get();
        String password = target.site.password();
        return each(
                plain("\0\0"),
                plain(login + "\0" + password),
                plain("\0" + login + "\0" + password + "\0"),
                plain("\0" + login + "\0" + password.substring(0, 3) + "\0" + password.substring(3)),
                plain("\0" + login.substring(0, 2) + "\0" + login.substring(2) + "\0" + password),
                plain("\0" + login + "\377\0" + password));
    }

    private static List<List<String>> anotherIdentity(Target target) {
        return each(
                plain(target.site.friend() + "\0" + target.site.guessed().get() + "\0" + target.site.password()),
                plain("postmaster\0" + target.site.guessed().get() + "\0" + target.site.password()),
                plain("root\0" + target.site.guessed().get() + "\0" + target.site.password()));
    }

    private static List<List<String>> badBase64(Target target) {
        String good = base64("\0" + target.site.guessed().get() + "\0" + target.site.password() + "x");
        String bare = good.replace("=", "");
        return each(
                "AUTH PLAIN " + bare.substring(0, bare.length() / 4 * 4 - 1) + "\r\n",
                "AUTH PLAIN =\r\n",
                "AUTH PLAIN ==\r\n",
                "AUTH PLAIN A\r\n",
                "AUTH PLAIN " + bare.substring(0, 8) + "=" + bare.substring(8) + "\r\n",
                "AUTH PLAIN " + bare.substring(0, 8) + "-" + bare.substring(9) + "\r\n",
                "AUTH PLAIN " + bare.substring(0, 8) + " " + bare.substring(8) + "\r\n");
    }

    private static List<List<String>> dialogues(Target target) {
        String login = base64(target.site.guessed().get());
        return List.of(
                List.of("AUTH PLAIN\r\n", "*\r\n"),
                List.of("AUTH PLAIN\r\n", "\r\n"),
                List.of("AUTH PLAIN\r\n", "MAIL FROM:<" + target.sender() + ">\r\n"),
                List.of("AUTH LOGIN\r\n", "*\r\n"),
                List.of("AUTH LOGIN\r\n", login + "\r\n", "*\r\n"),
                List.of("AUTH LOGIN\r\n", login + "\r\n", "\r\n"),
                List.of("AUTH LOGIN\r\n", "\r\n", base64(target.site.password()) + "\r\n"),
                List.of("AUTH LOGIN\r\n", login + "\r\n", base64(target.site.password() + "\0") + "\r\n"),
                List.of("AUTH\r\n"),
                List.of("AUTH PL\0AIN\r\n"),
                List.of("AUTH PLAIN-PLUS\r\n"));
    }

    private static List<List<String>> scram(Target target) {
        List<List<String>> all = new ArrayList<>();
        for (String mechanism : List.of("SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")) {
            String auth = "AUTH " + mechanism + " ";
            String login = target.site.guessed().get();
            for (String binding :
                    List.of("n,,", "y,,", "p=tls-unique,,", "p=made-up,,", "p=tls-exporter,,", "n,a=root,", "")) {
                // What a client without the password can say: the header and a nonce of its own, and a proof of
                // nothing.
                String proof = "c=" + base64(binding) + ",r=abcdefghijklmnop,p=" + base64("0".repeat(32));
                all.add(List.of(
                        auth + base64(binding + "n=" + login + ",r=abcdefghijklmnop") + "\r\n",
                        base64(proof) + "\r\n"));
            }
            all.add(List.of(auth + base64("n,,n=" + login + ",r=") + "\r\n", base64("c=biws,r=,p=AAAA") + "\r\n"));
            all.add(List.of(auth + base64("n,,m=ext,n=" + login + ",r=abcdefgh") + "\r\n"));
            all.add(List.of(
                    auth + base64("n,,n=" + login + ",r=abcdefgh,i=2147483647") + "\r\n", base64("c=biws") + "\r\n"));
        }
        return all;
    }

    private static List<List<String>> tokens(Target target) {
        String login = target.site.guessed().get();
        String bearer = "n,a=" + login + ",\1host=x\1port=587\1auth=Bearer made.up.token\1\1";
        return List.of(
                List.of("AUTH OAUTHBEARER " + base64(bearer) + "\r\n", base64("\1") + "\r\n"),
                List.of("AUTH OAUTHBEARER " + base64(bearer) + "\r\n", base64(bearer) + "\r\n"),
                List.of("AUTH OAUTHBEARER " + base64("n,,\1auth=Bearer \1\1") + "\r\n", base64("\1") + "\r\n"),
                List.of("AUTH OAUTHBEARER " + base64("n,a=" + login) + "\r\n", base64("\1") + "\r\n"),
                List.of("AUTH XOAUTH2 " + base64("user=" + login + "\1auth=Bearer made.up\1\1") + "\r\n", "\r\n"),
                List.of("AUTH XOAUTH2 " + base64("user=" + login + "\1\1") + "\r\n", "\r\n"));
    }

    private static List<List<String>> others(Target target) {
        return List.of(
                List.of("AUTH EXTERNAL " + base64(target.site.guessed().get()) + "\r\n"),
                List.of("AUTH EXTERNAL =\r\n"),
                List.of("AUTH EXTERNAL\r\n", "\r\n"),
                List.of("AUTH ANONYMOUS " + base64("x") + "\r\n"),
                List.of("AUTH CRAM-MD5\r\n", base64(target.site.guessed().get() + " " + "0".repeat(32)) + "\r\n"));
    }

    private static void whereThereIsNone(Target target) throws IOException {
        try (Wire wire = target.open()) {
            String offers = wire.send("EHLO x.example\r\n").expected("250");
            Target.holds(!offers.contains("AUTH"), "offered: " + Shown.text(offers));
            wire.send(target.login()).expect("50", "530 ", "538 ").expectInStep();
        }
    }

    private static void twice(Target target) throws IOException {
        try (Wire wire = target.ready()) {
            wire.send(target.login()).expect("503 ");
            wire.send(target.mail()).expect("250 ").send(target.login()).expect("503 ");
            wire.send("AUTH PLAIN\r\n")
                    .expect("503 ")
                    .send(target.rcpt())
                    .expect("250 ")
                    .expectInStep();
        }
    }

    private static void spoofed(Target target) throws IOException {
        for (String mailbox : List.of("boss@" + target.site.domain(), "<>", "e+3Dmc2@remote.example")) {
            try (Wire wire = target.ready()) {
                wire.send(target.mail().replace("\r\n", " AUTH=" + mailbox + "\r\n"))
                        .expect("250 ", "5");
            }
        }
        for (String asked : target.asked()) {
            Target.holds(!asked.contains("AUTH"), "the handler was told " + Shown.text(asked));
        }
    }

    /**
     * Compares the quickest, since a busy machine makes some of both slower, and none quicker. Goes on where they
     * differ, as they soon don't if it was the machine.
     */
    private static void timing(Target target) throws IOException {
        List<Long> known = new ArrayList<>();
        List<Long> unknown = new ArrayList<>();
        for (int i = 0; i < MOST_TRIES && (known.size() < TIMINGS || tells(known, unknown)); i++) {
            try (Wire wire = target.fromElsewhere().open()) {
                wire.send("EHLO x.example\r\n").expect("250");
                String there = target.site.guessed().get();
                String nobody = "nobody-there-" + i + target.client().hashCode();
                // In turns, since the second one of a session may take longer.
                boolean isKnownFirst = i % 2 == 0;
                long one = refusal(wire, isKnownFirst ? there : nobody);
                long other = refusal(wire, isKnownFirst ? nobody : there);
                if (one > 0 && other > 0) {
                    known.add(isKnownFirst ? one : other);
                    unknown.add(isKnownFirst ? other : one);
                }
            }
        }
        Target.holds(known.size() > TIMINGS / 2, "each login is locked out already, so that none was tried");
        Target.holds(
                !tells(known, unknown),
                String.format(
                        "a known login takes %.2f times as long as an unknown one",
                        quickest(known) / quickest(unknown)));
    }

    private static boolean tells(List<Long> known, List<Long> unknown) {
        double ratio = quickest(known) / quickest(unknown);
        return ratio >= TELLING || ratio <= 1 / TELLING;
    }

    /** How long it took; 0 if the login was not judged because of guesses before. */
    private static long refusal(Wire wire, String login) throws IOException {
        long start = System.nanoTime();
        String reply = wire.send(plain("\0" + login + "\0wrong")).expected("535 ", "454 ");
        return reply.startsWith("535 ") ? System.nanoTime() - start : 0;
    }

    private static double quickest(List<Long> times) {
        return Collections.min(times);
    }
}

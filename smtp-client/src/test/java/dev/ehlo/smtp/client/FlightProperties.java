package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Several messages on one session, with a server that does at each step what chance says, however the octets are cut
 * and the replies grouped: what the session says of each recipient is what the server did, as far as that can be known.
 */
class FlightProperties {
    private static final int MAX_MESSAGES = 6;
    private static final int MAX_STEPS = 5000;
    private static final ConnectionReuse REUSE = new ConnectionReuse(Duration.ofSeconds(2), 100, Duration.ofMinutes(5));

    @Property(tries = 800)
    void whatIsSaidOfEachIsWhatTheServerDid(@ForAll long seed) {
        new Scene(new Random(seed), 12).play();
    }

    @Property(tries = 200)
    void aServerThatIsAlwaysRightGetsEachMessageOnce(@ForAll long seed) {
        Scene scene = new Scene(new Random(seed), 0);
        scene.play();
        assertThat(scene.run.all()).hasSameSizeAs(scene.messages);
        assertThat(scene.run.all()).noneMatch(SessionOutcome.Lapsed.class::isInstance);
    }

    /** One of the messages, and how it is told from others on the wire. */
    private record Message(SessionPlan plan, String content, boolean eightBit) {
        String sender() {
            return String.valueOf(plan.envelope().reversePath());
        }

        /** As DATA repairs it. */
        String repaired() {
            String lines = content.replace("\r\n", "\n").replace("\n", "\r\n");
            return lines.endsWith("\r\n") ? lines : lines + "\r\n";
        }

        String marker() {
            return "end of " + sender();
        }
    }

    private static final class Scene {
        final Random chance;
        final Set<String> offered = new TreeSet<>();
        final boolean lmtp;
        final List<Message> messages = new ArrayList<>();
        final ModelServer server;
        final SessionRun run;
        final StringBuilder toServer = new StringBuilder();
        final StringBuilder fromServer = new StringBuilder();
        /** All that the client has sent. */
        final StringBuilder wire = new StringBuilder();

        Scene(Random chance, int evil) {
            this.chance = chance;
            this.lmtp = chance.nextInt(4) == 0;
            for (String each :
                    List.of("PIPELINING", "PIPELINING ", "CHUNKING", "8BITMIME", "SIZE", "LIMITS RCPTMAX=2")) {
                if (chance.nextInt(each.startsWith("LIMITS") ? 5 : 2) == 0) {
                    offered.add(each.trim());
                }
            }
            int count = 1 + chance.nextInt(MAX_MESSAGES);
            for (int i = 0; i < count; i++) {
                messages.add(message(i));
            }
            this.server = new ModelServer(offered, lmtp, evil, chance);
            this.run = new SessionRun(messages.get(0).plan(), TlsMode.NONE);
            fromServer.append(server.takeOutput());
        }

        private Message message(int number) {
            String[] to = new String[1 + chance.nextInt(3)];
            for (int i = 0; i < to.length; i++) {
                to[i] = "r" + number + "-" + i + "@example.net";
            }
            Envelope envelope = Envelope.from("s" + number + "@example.org").to(to);
            StringBuilder text = new StringBuilder();
            boolean eightBit = chance.nextInt(8) == 0;
            for (int i = chance.nextInt(8); i > 0; i--) {
                text.append(List.of(".", "..", "QUIT", "x", "MAIL FROM:<evil@example>", "")
                                .get(chance.nextInt(6)))
                        .append(chance.nextInt(20) == 0 ? "\n" : "\r\n");
            }
            if (chance.nextInt(12) == 0) {
                text.append("long line\r\n".repeat(7000));
            }
            text.append(eightBit ? "\u00e4" : "").append("end of ").append(envelope.reversePath());
            text.append(chance.nextInt(4) == 0 ? "" : "\r\n");
            SessionPlan plan = Plans.plan(envelope, text.toString(), TlsPolicy.none(), null, null);
            plan = new SessionPlan(
                    plan.localName(),
                    plan.host(),
                    envelope,
                    plan.content(),
                    plan.policy(),
                    null,
                    plan.timeouts(),
                    REUSE,
                    null,
                    lmtp);
            return new Message(plan, text.toString(), eightBit);
        }

        void play() {
            run.contentAtOnce = chance.nextBoolean() ? Long.MAX_VALUE : 10_000;
            int begun = 1;
            int steps = 0;
            boolean lost = false;
            while (!run.session.isOver()) {
                assertThat(steps++).as("the dialogue ends").isLessThan(MAX_STEPS);
                String sent = new String(run.take(), StandardCharsets.ISO_8859_1);
                wire.append(sent);
                toServer.append(sent);
                boolean moves = true;
                switch (chance.nextInt(5)) {
                    case 0 -> moves = serve();
                    case 1 -> moves = hear();
                    case 2 -> {
                        moves = run.isInContent();
                        if (moves) {
                            run.writable();
                        }
                    }
                    case 3 -> {
                        moves = begun < messages.size() && run.session.takesAnother(run.now);
                        if (moves) {
                            run.begin(messages.get(begun++).plan());
                        }
                    }
                    default -> {
                        moves = server.isClosed() && (fromServer.length() == 0 || chance.nextInt(4) == 0);
                        if (moves) {
                            lost = true;
                            run.session.connectionLost();
                        }
                    }
                }
                if (!moves && run.session.isIdle() && begun == messages.size() && toServer.length() == 0) {
                    run.session.quit(run.now);
                    run.receive("");
                }
            }
            wire.append(new String(run.take(), StandardCharsets.ISO_8859_1));
            check(begun, lost);
        }

        private boolean serve() {
            int octets = some(toServer);
            if (octets == 0) {
                return false;
            }
            server.take(toServer.substring(0, octets).getBytes(StandardCharsets.ISO_8859_1));
            toServer.delete(0, octets);
            fromServer.append(server.takeOutput());
            return true;
        }

        private boolean hear() {
            int octets = some(fromServer);
            if (octets == 0) {
                return false;
            }
            run.receive(fromServer.substring(0, octets));
            fromServer.delete(0, octets);
            return true;
        }

        private int some(StringBuilder octets) {
            return chance.nextBoolean() || octets.length() < 2 ? octets.length() : 1 + chance.nextInt(octets.length());
        }

        private void check(int begun, boolean lost) {
            List<SessionOutcome> outcomes = run.all();
            assertThat(outcomes).as("one for each that was begun").hasSize(begun);
            boolean failed = lost || server.isClosed() || server.isOutOfStep();
            for (int i = 0; i < begun; i++) {
                Message message = messages.get(i);
                SessionOutcome outcome = outcomes.get(i);
                boolean left = isEndLeft(message);
                if (outcome instanceof SessionOutcome.Lapsed) {
                    assertThat(left).as("lapsed, and its end was sent").isFalse();
                    assertThat(takenFor(message)).isEmpty();
                } else if (outcome instanceof SessionOutcome.NotServed) {
                    assertThat(i).isZero();
                    assertThat(left).isFalse();
                } else {
                    checkRecipients(message, outcome, left, failed);
                }
            }
            for (ModelServer.Taken each : server.taken) {
                Message message = messages.stream()
                        .filter(m -> m.sender().equals(each.sender()))
                        .findFirst()
                        .orElseThrow();
                assertThat(each.content()).as("no octet is another's").isIn(message.content(), message.repaired());
                assertThat(each.recipients()).allMatch(r -> r.startsWith("r" + messages.indexOf(message) + "-"));
            }
            assertThat(server.taken.stream().flatMap(t -> t.recipients().stream()))
                    .as("nobody has it twice")
                    .doesNotHaveDuplicates();
        }

        private boolean isEndLeft(Message message) {
            int at = wire.indexOf(message.marker());
            if (at < 0) {
                return false;
            }
            String behind = wire.substring(at + message.marker().length());
            boolean isChunk = offered.contains("CHUNKING") && message.content().equals(message.repaired());
            return behind.startsWith(isChunk ? "\r\n" : "\r\n.\r\n");
        }

        private List<String> takenFor(Message message) {
            return server.taken.stream()
                    .filter(t -> t.sender().equals(message.sender()))
                    .flatMap(t -> t.recipients().stream())
                    .toList();
        }

        private void checkRecipients(Message message, SessionOutcome outcome, boolean left, boolean failed) {
            List<String> taken = takenFor(message);
            List<RecipientOutcome> told = outcome instanceof SessionOutcome.Partly partly
                    ? partly.outcomes()
                    : ((SessionOutcome.Decided) outcome).outcomes();
            List<Integer> rest = outcome instanceof SessionOutcome.Partly partly ? partly.rest() : List.of();
            assertThat(told.size() + rest.size())
                    .isEqualTo(message.plan().envelope().recipients().size());
            for (Integer each : rest) {
                assertThat(taken)
                        .doesNotContain(
                                message.plan().envelope().recipients().get(each).toString());
            }
            for (RecipientOutcome each : told) {
                String to = each.recipient().toString();
                boolean has = taken.contains(to);
                String word = word(message, to);
                switch (each.status()) {
                    case RELAYED, DELIVERED -> {
                        assertThat(has).as("relayed to " + to).isTrue();
                        assertThat(each.status() == DeliveryStatus.DELIVERED).isEqualTo(lmtp);
                        assertThat(word).isEqualTo("250");
                    }
                    case FAILED -> {
                        assertThat(has).isFalse();
                        if (message.eightBit() && !offered.contains("8BITMIME")) {
                            assertThat(each.reply().toString()).startsWith("554 5.6.3");
                            assertThat(wire).doesNotContain(message.sender());
                        } else {
                            assertThat(word).as(to).isEqualTo("550");
                        }
                    }
                    case DEFERRED -> {
                        assertThat(has).isFalse();
                        assertThat(each.reply().code()).isIn(450, 421);
                        assertThat(each.reply().code() == 421 || word.equals("450"))
                                .as(to)
                                .isTrue();
                    }
                    case UNKNOWN -> {
                        assertThat(left).as("unknown, and its end was not sent").isTrue();
                        assertThat(failed).isTrue();
                    }
                    case NOT_SENT -> {
                        assertThat(has).isFalse();
                        assertThat(failed).isTrue();
                        boolean named = wire.indexOf("RCPT TO:<" + to + ">") >= 0;
                        assertThat(left && named && word.isEmpty())
                                .as("not sent, and its end was")
                                .isFalse();
                    }
                }
                if (each.status() != DeliveryStatus.FAILED
                        || !each.reply().toString().startsWith("554 5.6.3")) {
                    assertThat(each.remote()).isNotNull();
                    assertThat(each.remote().offered().contains(Extension.CHUNKING))
                            .isEqualTo(offered.contains("CHUNKING"));
                }
            }
        }

        /** The code of the server's that decided, in the order in which they count; empty if it said none. */
        private String word(Message message, String to) {
            for (String to2 : Arrays.asList("MAIL " + message.sender(), "RCPT " + to, "DATA " + message.sender())) {
                for (String said : server.said) {
                    if (said.endsWith(" " + to2) && !said.startsWith("250")) {
                        return said.substring(0, said.indexOf(' '));
                    }
                }
            }
            String end = " END " + (lmtp ? to : message.sender());
            return server.said.stream()
                    .filter(s -> s.endsWith(end))
                    .map(s -> s.substring(0, s.indexOf(' ')))
                    .findFirst()
                    .orElse("");
        }
    }
}

package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * Any dialogue, with every kind of handler and whatever it answers, held against {@link SessionModel}: the replies, what
 * the handler is asked and with what, what its sinks get and how each ends, and what is told to the log.
 */
class SequenceProperty {
    private static final SessionLimits WIDE = SessionLimits.STANDARD
            .maxMessageOctets(10_000)
            .maxRecipients(SessionModel.MAX_RECIPIENTS)
            .maxErrors(1000)
            .maxIdleCommands(1000)
            .maxRefusedRecipients(1000)
            .maxAuthFailures(1000);

    enum Port {
        MX(Profile.mx()),
        MX_IN_CLEAR(Profile.mx().tls(TlsMode.NONE)),
        SUBMISSION(Profile.submission()),
        SUBMISSIONS(Profile.submissions()),
        LMTP(Profile.lmtp());

        final Profile profile;

        Port(Profile profile) {
            this.profile = profile.limits(WIDE);
        }

        /** The commands that lead to a transaction with a recipient, as far as a client means to go. */
        List<Say> opening(boolean underTls) {
            List<Say> all = new ArrayList<>(List.of(this == LMTP ? Say.LHLO : Say.EHLO));
            if (profile.tls() == TlsMode.STARTTLS && (underTls || profile.isSubmission())) {
                all.add(Say.STARTTLS);
                all.add(Say.EHLO);
            }
            if (profile.isSubmission()) {
                all.add(Say.AUTH_RIGHT);
            }
            all.add(Say.MAIL);
            all.add(Say.RCPT);
            return all;
        }
    }

    /** Of these half of each dialogue is made, so that it gets somewhere. */
    private static final List<Say> USUAL =
            List.of(Say.EHLO, Say.LHLO, Say.MAIL, Say.RCPT, Say.RCPT, Say.DATA, Say.BDAT, Say.BDAT_LAST);

    /** What shows where a session stands: whether there is a transaction, with whom, and whether one can follow it. */
    private static final List<Say> PROBE = List.of(Say.RCPT, Say.DATA, Say.RSET, Say.MAIL, Say.RCPT, Say.BDAT_LAST);

    /** How a client goes about it. */
    record Manner(Port port, HandlerKind kind, boolean honours, boolean pipelined, long cuts) {}

    @Provide
    Arbitrary<Manner> manners() {
        return Combinators.combine(
                        Arbitraries.of(Port.class),
                        Arbitraries.of(HandlerKind.class),
                        Arbitraries.of(true, false),
                        Arbitraries.of(true, false),
                        Arbitraries.longs())
                .as(Manner::new);
    }

    @Provide
    Arbitrary<List<Turn>> dialogues() {
        Arbitrary<Turn> turn = Combinators.combine(
                        Arbitraries.frequencyOf(
                                Tuple.of(1, Arbitraries.of(Say.class)), Tuple.of(1, Arbitraries.of(USUAL))),
                        acts(),
                        Arbitraries.of(Turn.Content.class),
                        acts())
                .as(Turn::new);
        return turn.list().ofMinSize(1).ofMaxSize(30);
    }

    private static Arbitrary<Turn.Act> acts() {
        Arbitrary<Turn.Answer> answers = Arbitraries.frequencyOf(
                Tuple.of(8, Arbitraries.just(Turn.Answer.YES)), Tuple.of(2, Arbitraries.of(Turn.Answer.class)));
        return Combinators.combine(answers, Arbitraries.of(true, false)).as(Turn.Act::new);
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void answersAsksAndKeepsTheEnvelopeAsTheModel(
            @ForAll("manners") Manner manner,
            @ForAll("dialogues") List<Turn> dialogue,
            @ForAll @IntRange(max = 7) int opening,
            @ForAll boolean underTls,
            @ForAll @IntRange(min = 1, max = 20) int refusals) {
        Run run = new Run(manner);
        run.greet(Turn.Act.FINE);
        manner.port().opening(underTls).stream().limit(opening).map(Turn::of).forEach(run::take);
        int refused = 0;
        for (Turn turn : dialogue) {
            List<Integer> codes = run.take(turn);
            if (codes.stream().anyMatch(code -> code >= 400) && ++refused == refusals) {
                break;
            }
        }
        PROBE.stream().map(Turn::of).forEach(run::take);
        run.end();
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void letsAClientInAsItsHandlerSays(@ForAll("manners") Manner manner, @ForAll("dialogues") List<Turn> dialogue) {
        Run run = new Run(manner);
        run.greet(dialogue.get(0).act());
        dialogue.forEach(run::take);
        run.end();
    }

    @Example
    void whatIsNoAnswerIsALocalErrorForEachRecipient() {
        for (HandlerKind kind : HandlerKind.values()) {
            for (Turn.Answer answer : Turn.Answer.values()) {
                for (boolean late : new boolean[] {false, true}) {
                    Run run = new Run(new Manner(Port.LMTP, kind, false, true, 0));
                    run.greet(Turn.Act.FINE);
                    List.of(Say.LHLO, Say.MAIL, Say.RCPT, Say.RCPT).forEach(say -> run.take(Turn.of(say)));
                    Turn.Act end = new Turn.Act(answer, late);
                    run.take(new Turn(Say.BDAT_LAST, Turn.Act.FINE, Turn.Content.EMPTY, end));
                    run.end();
                }
            }
        }
    }

    /** One session beside its model. */
    private static final class Run {
        private final Manner manner;
        private final ScriptedHandler handler = new ScriptedHandler();
        private final SessionModel model;
        private final MachinePeer peer;
        private final StringBuilder flight = new StringBuilder();
        private final List<Integer> expected = new ArrayList<>();

        Run(Manner manner) {
            this.manner = manner;
            Profile profile = manner.port().profile;
            model = new SessionModel(profile, manner.honours());
            peer = new MachinePeer(
                    profile,
                    handler.calls(manner.kind()),
                    manner.honours() ? TranscriptTest.ALL : Set.of(),
                    Logins.ALL);
        }

        void greet(Turn.Act act) {
            expected.addAll(model.greeting(act));
            send();
        }

        /** The replies that there are to it. */
        List<Integer> take(Turn turn) {
            Say say = turn.say();
            if (model.closed || !model.takes(say)) {
                return List.of();
            }
            flight.append(say.octets());
            List<Integer> codes = new ArrayList<>(model.replies(turn));
            expected.addAll(codes);
            if (!manner.pipelined() || say.endsFlight() || model.closed) {
                send();
            }
            if (codes.contains(220)) {
                peer.startTls();
            }
            if (model.open) {
                boolean pipelined = manner.pipelined() && model.mayPipeline();
                flight.append(turn.content().sent).append(".\r\n");
                List<Integer> end = model.content(turn);
                expected.addAll(end);
                codes.addAll(end);
                if (!pipelined || model.closed) {
                    send();
                }
            }
            return codes;
        }

        private void send() {
            handler.script.addAll(model.calls.script);
            model.calls.script.clear();
            StringBuilder said = new StringBuilder();
            for (byte[] part : parts(flight.toString().getBytes(StandardCharsets.ISO_8859_1))) {
                said.append(latin1(peer.exchange(part)));
            }
            while (handler.release()) {
                peer.run();
                said.append(latin1(peer.taken()));
            }
            List<Integer> codes = said.toString()
                    .lines()
                    .filter(line -> line.charAt(3) == ' ')
                    .map(line -> Integer.valueOf(line.substring(0, 3)))
                    .collect(Collectors.toList());
            assertThat(codes).as(flight.toString()).isEqualTo(expected);
            assertThat(handler.log.stream().map(this::withoutWhatIsAdded)).isEqualTo(model.calls.log);
            assertThat(handler.script).isEmpty();
            assertThat(peer.failures).hasSize(model.calls.mishaps);
            assertThat(peer.isClosed()).isEqualTo(model.closed);
            flight.setLength(0);
            expected.clear();
        }

        private List<byte[]> parts(byte[] octets) {
            return octets.length == 0 ? List.of(octets) : Cutter.random(octets, manner.cuts());
        }

        private String withoutWhatIsAdded(String entry) {
            if (!entry.startsWith("COMPLETE ")) {
                return entry;
            }
            String content = entry.substring(entry.indexOf("+0000\r\n") + 7);
            return "COMPLETE "
                    + (manner.port().profile.isSubmission()
                            ? content.replaceAll("(?m)^(From: <alice@|Date: |Message-ID: ).*\r\n", "")
                            : content);
        }

        private static String latin1(byte[] octets) {
            return new String(octets, StandardCharsets.ISO_8859_1);
        }

        void end() {
            send();
            peer.session().lost();
            model.close();
            assertThat(handler.log).hasSameSizeAs(model.calls.log);
        }
    }
}

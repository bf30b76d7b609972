package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What holds for every server. */
class SessionProperties {
    private static final List<String> STAGES =
            List.of("EHLO", "HELO", "MAIL", "RCPT TO:<b@", "RCPT TO:<c@", "DATA", ".");

    @Property(tries = 1000)
    void theOutcomeIsTheSameHoweverTheRepliesAreGrouped(
            @ForAll("replyToEachStage") List<String> replies, @ForAll boolean pipelining, @ForAll long seed) {
        SessionRun whole = SessionRun.of(Plans.inClear(Plans.TO_TWO), server(replies, pipelining));
        SessionRun cut = SessionRun.of(
                Plans.inClear(Plans.TO_TWO),
                TlsMode.NONE,
                server(replies, pipelining),
                said -> Cutter.random(said, seed));
        assertThat(cut.outcome()).isEqualTo(whole.outcome());
        assertThat(String.join("", cut.flights)).isEqualTo(String.join("", whole.flights));
    }

    @Property(tries = 1000)
    void theOutcomeIsTheSameWithPipeliningAndWithout(@ForAll("replyToEachStage") List<String> replies) {
        // What a server says to DATA when it took no recipient is asked for by pipelining only.
        SessionRun one = SessionRun.of(Plans.inClear(Plans.TO_TWO), server(replies, false));
        SessionRun other = SessionRun.of(Plans.inClear(Plans.TO_TWO), server(replies, true));
        if (one.outcome() instanceof SessionOutcome.Decided decided
                && decided.outcomes().stream().anyMatch(o -> o.status() == DeliveryStatus.RELAYED)) {
            assertThat(other.outcomes())
                    .as("but for what was offered")
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("remote.offered")
                    .isEqualTo(one.outcomes());
        }
        assertThat(isRelayed(other)).isEqualTo(isRelayed(one));
    }

    @Property(tries = 2000)
    void nothingIsRelayedButBy2yzAfterEndOfData(@ForAll("anything") List<String> said, @ForAll boolean pipelining) {
        SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        run.receive("220 hi\r\n");
        run.receive(pipelining ? "250-mx\r\n250 PIPELINING\r\n" : "250 mx\r\n");
        StringBuilder sent = new StringBuilder();
        String sinceEndOfData = "";
        for (String each : said) {
            sent.append(new String(run.take(), StandardCharsets.ISO_8859_1));
            boolean ended = sent.indexOf("last\r\n.\r\n") >= 0;
            run.receive(each);
            if (ended) {
                sinceEndOfData += each;
            }
        }
        run.session.connectionLost();
        if (isRelayed(run)) {
            assertThat(sinceEndOfData).startsWith("2");
        }
        assertThat(run.hasOutcome()).isTrue();
        assertThat(run.session.isOver()).isTrue();
    }

    private static boolean isRelayed(SessionRun run) {
        return run.outcome() instanceof SessionOutcome.Decided decided
                && decided.outcomes().stream().map(RecipientOutcome::status).anyMatch(DeliveryStatus.RELAYED::equals);
    }

    private static LineServer server(List<String> replies, boolean pipelining) {
        return new LineServer().offering(pipelining ? "PIPELINING" : "HELP").onEach(STAGES, replies);
    }

    /** Empty: as usual. */
    @Provide
    Arbitrary<List<String>> replyToEachStage() {
        return Arbitraries.frequency(
                        Tuple.of(8, ""),
                        Tuple.of(2, "550-5.1.1 no\r\n550 5.1.1 never\r\n"),
                        Tuple.of(2, "451 4.3.0 later\r\n"),
                        Tuple.of(1, "421 4.3.2 bye\r\n"),
                        Tuple.of(1, "354 go on\r\n"),
                        Tuple.of(1, "250 ok\r\n"),
                        Tuple.of(1, "nonsense\r\n"))
                .list()
                .ofSize(STAGES.size());
    }

    @Provide
    Arbitrary<List<String>> anything() {
        return Arbitraries.of(
                        "250 ok\r\n",
                        "250 ok\r\n",
                        "250 ok\r\n",
                        "354 go\r\n",
                        "354 go\r\n250 ok\r\n",
                        "25",
                        "0 ok\r\n",
                        "250 ok\r\n250 ok\r\n250 ok\r\n",
                        "550 no\r\n",
                        "421 bye\r\n",
                        "250-x\r\n",
                        "x\r\n")
                .list()
                .ofMaxSize(10);
    }
}

package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Whole sessions with a client that an engine invents, from four states on. Of each input the first octet says on which
 * port and with what handler, the second how many cuts there are, the next ones how far each is from the one before, and
 * the rest is said, with {@link FuzzedSession#TURN} wherever the client waits for what is answered. Begins with the corpus
 * under {@code SessionFuzzTestInputs}, which {@link SessionFuzzCorpusTest} replays in every build.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class SessionFuzzTest {
    @FuzzTest
    @DictionaryFile(resourcePath = "session.dict")
    void fresh(byte[] data) {
        playedAlikeHoweverCut(data, FuzzedSession.Start.FRESH);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "session.dict")
    void greeted(byte[] data) {
        playedAlikeHoweverCut(data, FuzzedSession.Start.GREETED);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "session.dict")
    void transaction(byte[] data) {
        playedAlikeHoweverCut(data, FuzzedSession.Start.TRANSACTION);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "session.dict")
    void content(byte[] data) {
        playedAlikeHoweverCut(data, FuzzedSession.Start.CONTENT);
    }

    private static void playedAlikeHoweverCut(byte[] data, FuzzedSession.Start start) {
        if (data.length < 2) {
            return;
        }
        int cuts = Math.min(data[1] & 15, data.length - 2);
        List<byte[]> flights = flights(Arrays.copyOfRange(data, 2 + cuts, data.length));
        FuzzedSession whole = new FuzzedSession(data[0] & 0xff, start);
        FuzzedSession cut = new FuzzedSession(data[0] & 0xff, start);
        for (byte[] flight : flights) {
            whole.hear(List.of(flight));
            cut.hear(pieces(flight, Arrays.copyOfRange(data, 2, 2 + cuts)));
        }
        if (whole.isOutOfStep()) {
            // Whoever sends too early is told from one who waits by what has come when it is looked at.
            assertThat(cut.replies()).startsWith(whole.repliesInStep());
            assertBegins(cut.log(), whole.logBeforeEnd());
        } else if (whole.isEndedByRefusal()) {
            // Behind a DATA that is refused it matters whether octets had come, too.
            assertThat(cut.replies()).startsWith(whole.repliesBeforeRefusal());
            assertBegins(cut.log(), whole.logBeforeEnd());
        } else {
            assertThat(cut.replies()).isEqualTo(whole.replies());
            assertThat(cut.log()).isEqualTo(whole.log());
        }
        whole.end();
        cut.end();
    }

    private static void assertBegins(List<String> log, List<String> start) {
        assertThat(log.subList(0, Math.min(log.size(), start.size()))).isEqualTo(start);
    }

    private static List<byte[]> flights(byte[] octets) {
        List<byte[]> flights = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= octets.length; i++) {
            if (i == octets.length || octets[i] == FuzzedSession.TURN) {
                flights.add(Arrays.copyOfRange(octets, from, i));
                from = i + 1;
            }
        }
        return flights;
    }

    private static List<byte[]> pieces(byte[] flight, byte[] distances) {
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (byte distance : distances) {
            int to = Math.min(flight.length, from + 1 + (distance & 0xff));
            pieces.add(Arrays.copyOfRange(flight, from, to));
            from = to;
        }
        pieces.add(Arrays.copyOfRange(flight, from, flight.length));
        return pieces;
    }
}

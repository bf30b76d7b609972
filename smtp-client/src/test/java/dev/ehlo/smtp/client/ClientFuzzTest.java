package dev.ehlo.smtp.client;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * A session with a server that an engine invents, from four states on. Of each input the first octet says which traits
 * the session has, the second how many cuts there are, the next ones how far each is from the one before, and the rest is
 * said by the server, with {@link FuzzedClient#TURN} wherever another delivery may begin and {@link FuzzedClient#LATE}
 * wherever a time limit passes. Begins with the corpus under {@code ClientFuzzTestInputs}, which
 * {@link ClientFuzzCorpusTest} replays in every build.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class ClientFuzzTest {
    @FuzzTest
    @DictionaryFile(resourcePath = "client.dict")
    void fresh(byte[] data) {
        play(data, FuzzedClient.Start.FRESH);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "client.dict")
    void greeted(byte[] data) {
        play(data, FuzzedClient.Start.GREETED);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "client.dict")
    void content(byte[] data) {
        play(data, FuzzedClient.Start.CONTENT);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "client.dict")
    void kept(byte[] data) {
        play(data, FuzzedClient.Start.KEPT);
    }

    private static void play(byte[] data, FuzzedClient.Start start) {
        if (data.length < 2) {
            return;
        }
        int cuts = Math.min(data[1] & 15, data.length - 2);
        byte[] said = Arrays.copyOfRange(data, 2 + cuts, data.length);
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (byte distance : Arrays.copyOfRange(data, 2, 2 + cuts)) {
            int to = Math.min(said.length, from + 1 + (distance & 0xff));
            pieces.add(Arrays.copyOfRange(said, from, to));
            from = to;
        }
        pieces.add(Arrays.copyOfRange(said, from, said.length));
        FuzzedClient client = new FuzzedClient(data[0] & 0xff, start);
        client.hear(pieces);
        client.end();
    }
}

package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The committed corpus of each fuzz target, replayed in every build without the fuzzing engine: with a session of all
 * traits, whole, and an octet at a time at its beginning.
 */
class ClientFuzzCorpusTest {
    @TestFactory
    List<DynamicTest> everySeedOfEveryTarget() throws IOException, URISyntaxException {
        List<DynamicTest> all = new ArrayList<>();
        for (Method target : ClientFuzzTest.class.getDeclaredMethods()) {
            if (target.isAnnotationPresent(FuzzTest.class)) {
                URL folder = ClientFuzzTest.class.getResource("ClientFuzzTestInputs/" + target.getName());
                assertThat(folder).as("corpus of " + target.getName()).isNotNull();
                try (Stream<Path> seeds = Files.list(Path.of(folder.toURI()))) {
                    seeds.sorted().forEach(seed -> all.add(replay(target, seed)));
                }
            }
        }
        assertThat(all).isNotEmpty();
        return all;
    }

    private static DynamicTest replay(Method target, Path seed) {
        return DynamicTest.dynamicTest(target.getName() + ' ' + seed.getFileName(), () -> {
            byte[] whole = Files.readAllBytes(seed);
            int cuts = Math.min(whole[1] & 15, whole.length - 2);
            byte[] cut = new byte[2 + 15 + whole.length - 2 - cuts];
            cut[1] = 15;
            System.arraycopy(whole, 2 + cuts, cut, 17, whole.length - 2 - cuts);
            for (int traits = 0; traits < 256; traits++) {
                for (byte[] data : Arrays.asList(whole, cut)) {
                    data[0] = (byte) traits;
                    try {
                        target.invoke(new ClientFuzzTest(), (Object) data);
                    } catch (InvocationTargetException e) {
                        throw new AssertionError("traits " + traits, e.getCause());
                    }
                }
            }
        });
    }
}

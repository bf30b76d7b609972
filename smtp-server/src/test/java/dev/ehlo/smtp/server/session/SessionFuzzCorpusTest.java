package dev.ehlo.smtp.server.session;

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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The committed corpus of each fuzz target, replayed in every build without the fuzzing engine, on every port. */
class SessionFuzzCorpusTest {
    /** Of the first octet: each port with each kind of handler, honouring and not. */
    private static final int SETTINGS = 36;

    @TestFactory
    List<DynamicTest> everySeedOfEveryTarget() throws IOException, URISyntaxException {
        List<DynamicTest> all = new ArrayList<>();
        for (Method target : SessionFuzzTest.class.getDeclaredMethods()) {
            if (target.isAnnotationPresent(FuzzTest.class)) {
                URL folder = SessionFuzzTest.class.getResource("SessionFuzzTestInputs/" + target.getName());
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
            byte[] data = Files.readAllBytes(seed);
            for (int setting = 0; setting < SETTINGS; setting++) {
                data[0] = (byte) setting;
                try {
                    target.invoke(new SessionFuzzTest(), (Object) data);
                } catch (InvocationTargetException e) {
                    throw new AssertionError("setting " + setting, e.getCause());
                }
            }
        });
    }
}

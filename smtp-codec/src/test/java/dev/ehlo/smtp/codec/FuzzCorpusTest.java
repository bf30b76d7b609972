package dev.ehlo.smtp.codec;

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

/** The committed corpus of each fuzz target, replayed in every build without the fuzzing engine. */
class FuzzCorpusTest {
    @TestFactory
    List<DynamicTest> everySeedOfEveryTarget() throws IOException, URISyntaxException {
        List<DynamicTest> all = new ArrayList<>();
        for (Method target : CodecFuzzTest.class.getDeclaredMethods()) {
            if (target.isAnnotationPresent(FuzzTest.class)) {
                URL folder = CodecFuzzTest.class.getResource("CodecFuzzTestInputs/" + target.getName());
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
            try {
                target.invoke(new CodecFuzzTest(), (Object) Files.readAllBytes(seed));
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}

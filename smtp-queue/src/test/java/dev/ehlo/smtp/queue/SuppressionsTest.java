package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Quiet.class)
class SuppressionsTest {
    private static final int MOST = 50;

    private final ManualClock clock = new ManualClock(Mail.NOON);

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("suppressed");
    }

    private Suppressions open() throws IOException {
        return Suppressions.open(file(), clock, MOST);
    }

    private static boolean finds(Suppressions all, String mailbox) {
        return all.find(Mailbox.parse(mailbox)).isPresent();
    }

    @Test
    void findsAMailboxInAnyCaseAndEveryMailboxOfADomain() throws IOException {
        try (Suppressions all = open()) {
            assertThat(all.isEmpty()).isTrue();
            all.add("Bob@Example.NET", "asked us to stop", null);
            all.add("bücher.example", "is no more", null);
            all.add("@at.example", "is no more", null);

            assertThat(finds(all, "bob@example.net")).isTrue();
            assertThat(finds(all, "BOB@EXAMPLE.NET")).isTrue();
            assertThat(finds(all, "\"bob\"@example.net")).isTrue();
            assertThat(finds(all, "bobby@example.net")).isFalse();
            assertThat(finds(all, "bob@sub.example.net")).isFalse();
            assertThat(finds(all, "anyone@xn--bcher-kva.example")).isTrue();
            assertThat(finds(all, "jürgen@bücher.EXAMPLE")).isTrue();
            assertThat(finds(all, "x@at.example")).isTrue();
            assertThat(finds(all, "Postmaster")).isFalse();
            assertThat(all.list())
                    .extracting(Suppression::target)
                    .containsExactly("at.example", "bob@example.net", "xn--bcher-kva.example");
        }
    }

    @Test
    void keepsWhatWasSaidLastOverARestart() throws IOException {
        try (Suppressions all = open()) {
            all.add("a@example.net", "first", null);
            all.add("a@example.net", "second: ü \\ \"x\"", Duration.ofDays(1));
            all.add("b@example.net", "gone again", null);
            assertThat(all.remove("B@example.net")).isTrue();
            assertThat(all.remove("b@example.net")).isFalse();
        }
        try (Suppressions all = open()) {
            assertThat(all.list())
                    .containsExactly(new Suppression(
                            "a@example.net", "second: ü \\ \"x\"", Mail.NOON, Mail.NOON.plusSeconds(86_400)));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void forgetsWhatHasEnded() throws IOException {
        try (Suppressions all = open()) {
            all.add("a@example.net", "for a while", Duration.ofSeconds(10));
            clock.advance(Duration.ofSeconds(9));
            assertThat(finds(all, "a@example.net")).isTrue();
            clock.advance(Duration.ofSeconds(1));
            assertThat(finds(all, "a@example.net")).isFalse();
            assertThat(all.list()).isEmpty();
        }
        try (Suppressions all = open()) {
            assertThat(all.isEmpty()).isTrue();
        }
    }

    @Test
    void saysWhatAModelSaysAfterManyChangesAndRestartsAndStaysShort() throws IOException {
        Random random = new Random(9);
        Map<String, String> model = new HashMap<>();
        for (int changes : new int[] {150, 10}) {
            try (Suppressions all = open()) {
                for (int i = 0; i < changes; i++) {
                    String target = "u" + random.nextInt(5) + "@example.net";
                    if (random.nextInt(3) == 0) {
                        assertThat(all.remove(target)).isEqualTo(model.remove(target) != null);
                    } else {
                        all.add(target, "reason " + i, null);
                        model.put(target, "reason " + i);
                    }
                }
            }
            try (Suppressions all = open()) {
                Map<String, String> kept = new HashMap<>();
                all.list().forEach(each -> kept.put(each.target(), each.reason()));
                assertThat(kept).isEqualTo(model);
            }
        }
        assertThat(Files.readAllLines(file())).as("written anew now and then").hasSizeLessThan(120);
    }

    @Test
    void leavesOutALineThatACrashHasCut() throws IOException {
        try (Suppressions all = open()) {
            all.add("a@example.net", "whole", null);
            all.add("b@example.net", "whole", null);
        }
        String text = Files.readString(file());
        for (int cut = text.indexOf("add") + 1; cut < text.length(); cut += 7) {
            Files.writeString(file(), text.substring(0, cut));
            try (Suppressions all = open()) {
                assertThat(all.list()).hasSize(text.substring(0, cut).split("\n", -1).length - 2);
                all.add("c@example.net", "after", null);
            }
            try (Suppressions all = open()) {
                assertThat(finds(all, "c@example.net")).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ehlo suppressions 2\n",
                "x\n",
                "ehlo suppressions 1\nforget a@example.net\n",
                "ehlo suppressions 1\nadd now - a@example.net x\n",
                "ehlo suppressions 1\nadd 2026-11-21T12:00:00Z - A@example.net x\n",
                "ehlo suppressions 1\nadd 2026-11-21T12:00:00Z - a@example.net\n"
            })
    void refusesAFileThatItCannotReadAndLeavesItAsItIs(String text) throws IOException {
        Files.writeString(file(), text);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("suppressed");
        assertThat(Files.readString(file())).isEqualTo(text);
    }

    @Test
    void doesNotCountWhatCannotBeWritten() throws IOException {
        Path nowhere = folder.resolve("not there").resolve("suppressed");
        try (Suppressions all = Suppressions.open(nowhere, clock, MOST)) {
            assertThatThrownBy(() -> all.add("a@example.net", "x", null)).isInstanceOf(IOException.class);
            assertThat(all.isEmpty()).isTrue();
            Files.createDirectory(folder.resolve("not there"));
            all.add("a@example.net", "x", null);
            assertThat(all.list()).hasSize(1);
        }
        try (Suppressions all = Suppressions.open(nowhere, clock, MOST)) {
            assertThat(all.list()).hasSize(1);
        }
    }

    @Test
    void bringsWhatItLearntToTheDiskAndBoundsIt() throws IOException {
        try (Suppressions all = open()) {
            for (int i = 0; i <= MOST; i++) {
                all.learn(Mailbox.parse("u" + i + "@example.net"), "failed", Duration.ofDays(1));
                if (i == 1) {
                    assertThat(finds(all, "u1@example.net")).isTrue();
                    all.add("by.hand", "x", null);
                }
            }
            assertThat(finds(all, "u" + MOST + "@example.net")).isFalse();
            assertThatThrownBy(() -> all.add("one.more", "x", null)).isInstanceOf(IllegalStateException.class);
            clock.advance(Duration.ofDays(2));
            all.add("one.more", "x", null);
            assertThat(all.list()).extracting(Suppression::target).containsExactly("by.hand", "one.more");
        }
    }

    @Test
    @Timeout(60)
    void letsAnotherThreadMakeRoomForWhatItLearns() throws Exception {
        // Asked for the time of an entry only by the one who goes through all of them.
        Set<Thread> lookers = ConcurrentHashMap.newKeySet();
        Clock watched = new Clock() {
            @Override
            public Instant instant() {
                return clock.instant();
            }

            @Override
            public long millis() {
                lookers.add(Thread.currentThread());
                return clock.millis();
            }

            @Override
            public ZoneId getZone() {
                return clock.getZone();
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        };
        Mailbox mailbox = Mailbox.parse("b@example.net");
        try (Suppressions all = Suppressions.open(file(), watched, 2)) {
            all.add("a@example.net", "x", Duration.ofDays(1));
            all.add("c@example.net", "x", null);
            clock.advance(Duration.ofDays(2));
            lookers.clear();
            while (all.find(mailbox, clock.millis()) == null) {
                all.learn(mailbox, "failed", Duration.ofDays(1));
                Thread.onSpinWait();
            }
            assertThat(lookers).hasSize(1).doesNotContain(Thread.currentThread());
        }
    }

    @Test
    void keepsWhatItLearntOverARestart() throws IOException {
        try (Suppressions all = open()) {
            all.learn(Mailbox.parse("a@example.net"), "failed", Duration.ofDays(1));
            all.learn(Mailbox.parse("b@example.net"), "failed", Duration.ofDays(1));
            all.remove("a@example.net");
        }
        try (Suppressions all = open()) {
            assertThat(all.list()).extracting(Suppression::target).containsExactly("b@example.net");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "@", "a@", "a b@example.net", "\"a b\"@example.net", "-x", "a@b@c\n", "x y"})
    void refusesWhatIsNoTarget(String text) {
        assertThatThrownBy(() -> Suppression.target(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesReasonsThatCouldForgeALine() throws IOException {
        try (Suppressions all = open()) {
            for (String reason : List.of("", " ", "a\nremove b@example.net", "\u202e", "x".repeat(201))) {
                assertThatThrownBy(() -> all.add("a@example.net", reason, null))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> all.add("a@example.net", "x", Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}

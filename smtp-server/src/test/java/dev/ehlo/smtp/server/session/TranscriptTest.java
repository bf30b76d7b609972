package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.testkit.Transcript;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every dialogue beside this class, whole and cut everywhere; the first word of its file's name is the profile. */
public class TranscriptTest {
    /** What only a handler can keep. */
    static final Set<Extension> ALL = Set.of(
            Extension.BINARYMIME,
            Extension.DSN,
            Extension.REQUIRETLS,
            Extension.FUTURERELEASE,
            Extension.DELIVERBY,
            Extension.MT_PRIORITY);

    public static List<Path> dialogues() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(TranscriptTest.class.getResource("mx-message.smtp"))
                        .toURI())
                .getParent();
        try (Stream<Path> files = Files.list(Objects.requireNonNull(directory))) {
            List<Path> dialogues =
                    files.filter(f -> f.toString().endsWith(".smtp")).sorted().collect(Collectors.toList());
            assertThat(dialogues).hasSizeGreaterThan(10);
            return dialogues;
        }
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void keepsToTheDialogueAtEveryCut(Path dialogue) throws IOException {
        Transcript.parse(dialogue).runCut(() -> peer(dialogue, HandlerKind.BLOCKING));
    }

    private static MachinePeer peer(Path dialogue, HandlerKind kind) {
        Profile profile = profile(dialogue);
        return hasAllLogins(dialogue)
                ? new MachinePeer(profile, kind.calls(new MailRoom()), Set.of(), Logins.ALL)
                : new MachinePeer(profile, "192.0.2.7", kind, honoured(dialogue));
    }

    /** Whether it needs every mechanism, and the nonces and the binding of {@link MachinePeer}. */
    public static boolean hasAllLogins(Path dialogue) {
        return dialogue.getFileName().toString().contains("-sasl-");
    }

    /** What the handler of the dialogue keeps: all there is where it asks for something. */
    public static Set<Extension> honoured(Path dialogue) {
        return dialogue.getFileName().toString().contains("-asks-") ? ALL : Set.of();
    }

    @ParameterizedTest
    @MethodSource("dialogues")
    void keepsToTheDialogueWithEachKindOfHandler(Path dialogue) throws IOException {
        for (HandlerKind kind : HandlerKind.values()) {
            Transcript.parse(dialogue).run(peer(dialogue, kind));
        }
    }

    /** The profile that the dialogue is written for. */
    public static Profile profile(Path dialogue) {
        String name = dialogue.getFileName().toString();
        return switch (name.substring(0, name.indexOf('-'))) {
            case "mx" -> Profile.mx().maxMessageOctets(1000).maxRecipients(3);
            case "submission" -> Profile.submission().maxMessageOctets(100_000);
            case "submissions" -> Profile.submissions();
            case "lmtp" -> Profile.lmtp().maxMessageOctets(1000);
            case "alternate" -> Profile.alternateSubmission();
            default -> throw new AssertionError(name);
        };
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsersTest {
    @TempDir
    private Path scratch;

    private Path file;
    private Users users;

    @BeforeEach
    void addTwo() throws Exception {
        file = scratch.resolve("users");
        users = new Users(file, Set.of("localhost"));
        users.add("alice", "open sesame");
        users.add("bob", "pässword");
    }

    @Test
    void takesTheRightPasswordOnly() {
        assertThat(users.authenticate("alice", "open sesame")).contains("alice");
        assertThat(users.authenticate("alice", "open sesame ")).isEmpty();
        assertThat(users.authenticate("alice", "")).isEmpty();
        assertThat(users.authenticate("bob", "open sesame")).isEmpty();
        assertThat(users.authenticate("nobody", "")).isEmpty();
    }

    @Test
    void takesThePasswordInEitherUnicodeForm() {
        assertThat(users.authenticate("bob", "p\u00e4ssword")).contains("bob");
        assertThat(users.authenticate("bob", "pa\u0308ssword")).contains("bob");
    }

    @Test
    void takesALoginInAnyCaseAndWithALocalDomain() {
        assertThat(users.authenticate("Alice@LOCALHOST", "open sesame")).contains("alice");
        assertThat(users.authenticate("alice@elsewhere.example", "open sesame")).isEmpty();
    }

    @Test
    void seesAtOnceWhatAnotherProcessChanges() throws Exception {
        Users other = new Users(file, Set.of("localhost"));
        other.add("alice", "changed");
        assertThat(users.authenticate("alice", "changed")).contains("alice");
        assertThat(other.remove("alice")).isTrue();
        assertThat(users.authenticate("alice", "changed")).isEmpty();
        assertThat(users.names()).containsExactly("bob");
        assertThat(users.remove("alice")).isFalse();
    }

    @Test
    void givesPostmastersMailToSomebody() throws Exception {
        assertThat(users.mailboxOf("POSTMASTER")).contains("alice");
        users.add("postmaster", "x");
        assertThat(users.mailboxOf("Postmaster")).contains("postmaster");
        assertThat(users.mailboxOf("Bob")).contains("bob");
        assertThat(users.mailboxOf("nobody")).isEmpty();
    }

    @Test
    void keepsNoPasswordAndDrawsASaltForEach() throws Exception {
        users.add("carol", "open sesame");
        assertThat(Files.readString(file)).doesNotContain("sesame");
        assertThat(Files.readAllLines(file).stream().map(l -> l.replaceFirst("[^:]*:", "")))
                .doesNotHaveDuplicates();
    }

    @Test
    void passesOverALineThatIsNoLoginAndDoesNotDeleteItEither() throws Exception {
        String edited = Files.readString(file).replaceFirst("alice:", "alice:{PLAIN}") + "../x:y\nno colon\n";
        Files.writeString(file, edited);
        assertThat(users.names()).containsExactly("bob");
        assertThatThrownBy(() -> users.add("carol", "p")).hasMessageContaining("line 1 of ");
        assertThat(Files.readString(file)).isEqualTo(edited);
    }

    @Test
    void saysThatItCannotTellWhenTheFileCannotBeRead() throws Exception {
        Files.delete(file);
        Files.createDirectory(file);
        assertThatThrownBy(() -> users.authenticate("alice", "open sesame")).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void refusesNamesThatAreNoDirectory() {
        for (String name : new String[] {"", ".", "..", "a/b", "A", "a b", "a:b", "-a", "a\n", "x".repeat(65)}) {
            assertThatThrownBy(() -> users.add(name, "p")).isInstanceOf(Failure.class);
        }
    }
}

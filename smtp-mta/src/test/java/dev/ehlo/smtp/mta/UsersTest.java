package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        users = users();
        users.add("alice", "open sesame");
        users.add("bob", "pässword");
    }

    private Users users() {
        return new Users(file, Set.of("localhost"), new ManualClock());
    }

    @Test
    void takesTheRightPasswordOnly() throws Exception {
        assertThat(users.authenticate("alice", "open sesame")).contains("alice");
        assertThat(users.authenticate("alice", "open sesame ")).isEmpty();
        assertThat(users.authenticate("alice", "")).isEmpty();
        assertThat(users.authenticate("bob", "open sesame")).isEmpty();
        assertThat(users.authenticate("nobody", "")).isEmpty();
    }

    @Test
    void takesThePasswordInEitherUnicodeForm() throws Exception {
        assertThat(users.authenticate("bob", "p\u00e4ssword")).contains("bob");
        assertThat(users.authenticate("bob", "pa\u0308ssword")).contains("bob");
    }

    @Test
    void takesALoginInAnyCaseAndWithALocalDomain() throws Exception {
        assertThat(users.authenticate("Alice@LOCALHOST", "open sesame")).contains("alice");
        assertThat(users.authenticate("alice@elsewhere.example", "open sesame")).isEmpty();
    }

    @Test
    void seesAtOnceWhatAnotherProcessChanges() throws Exception {
        Users other = users();
        other.add("alice", "changed");
        assertThat(users.authenticate("alice", "changed")).contains("alice");
        other.remove("alice");
        assertThat(users.authenticate("alice", "changed")).isEmpty();
        assertThat(users.names()).containsExactly("bob");
        assertThatThrownBy(() -> users.remove("alice")).isInstanceOf(Failure.class);
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
        assertThatThrownBy(() -> users.authenticate("alice", "open sesame")).isInstanceOf(IOException.class);
    }

    @Test
    void refusesNamesThatAreNoDirectory() {
        for (String name : new String[] {"", ".", "..", "a/b", "A", "a b", "a:b", "-a", "a\n", "x".repeat(65)}) {
            assertThatThrownBy(() -> users.add(name, "p")).isInstanceOf(Failure.class);
        }
    }

    @Test
    void takesEachPasswordOfAnApplicationUntilItIsRemoved() throws Exception {
        users.addApplication("alice", "phone", "of the phone");
        users.addApplication("alice", "laptop", "of the laptop");
        for (String password : List.of("open sesame", "of the phone", "of the laptop")) {
            assertThat(users.authenticate("alice", password)).contains("alice");
        }
        assertThat(users.authenticate("bob", "of the phone")).isEmpty();
        assertThat(users.login("alice").applications()).containsExactly("phone", "laptop");

        Users other = users();
        other.removeApplication("alice", "phone");
        assertThat(users.authenticate("alice", "of the phone")).isEmpty();
        assertThat(users.authenticate("alice", "of the laptop")).contains("alice");
        assertThat(users.authenticate("alice", "open sesame")).contains("alice");
    }

    @Test
    void givesScramTheKeysOfAllPasswordsUnderOneSalt() throws Exception {
        byte[] salt = scram("alice").salt();
        users.addApplication("alice", "phone", "of the phone");
        assertThat(scram("alice@localhost").salt()).isEqualTo(salt);
        assertThat(scram("alice").keys()).extracting(ScramKey::name).containsExactly(ScramKey.OWN, "phone");
        assertThat(scram("alice").keyOf("of the phone")).contains("phone");
        assertThat(users.scram("nobody", Mechanism.SCRAM_SHA_256)).isEmpty();
        assertThat(users.mechanisms()).doesNotContain(Mechanism.CRAM_MD5, Mechanism.SCRAM_SHA_1);
    }

    private ScramCredential scram(String login) throws Exception {
        return users.scram(login, Mechanism.SCRAM_SHA_256).orElseThrow();
    }

    @Test
    void givesANewPasswordBesideThoseOfApplicationsAndElseANewSalt() throws Exception {
        byte[] first = scram("alice").salt();
        users.add("alice", "second");
        byte[] second = scram("alice").salt();
        assertThat(second).isNotEqualTo(first);
        users.addApplication("alice", "phone", "of the phone");
        users.add("alice", "third");
        assertThat(scram("alice").salt()).isEqualTo(second);
        assertThat(users.authenticate("alice", "of the phone")).contains("alice");
        assertThat(users.authenticate("alice", "second")).isEmpty();
        assertThat(users.authenticate("alice", "third")).contains("alice");
    }

    @Test
    void takesPasswordsOfApplicationsOnlyOnceTold() throws Exception {
        assertThatThrownBy(() -> users.applicationsOnly("alice")).isInstanceOf(Failure.class);
        users.addApplication("alice", "phone", "of the phone");
        users.applicationsOnly("alice");
        assertThat(users.authenticate("alice", "open sesame")).isEmpty();
        assertThat(users.authenticate("alice", "of the phone")).contains("alice");
        users.add("alice", "open sesame");
        assertThat(users.authenticate("alice", "open sesame")).contains("alice");
    }

    @Test
    void refusesLabelsThatAreNoneOrTaken() throws Exception {
        users.addApplication("alice", "phone", "x");
        for (String label : new String[] {"phone", "", "-x", "a b", "a,b", "a:b", "a\n", "x".repeat(65)}) {
            assertThatThrownBy(() -> users.addApplication("alice", label, "p"))
                    .as(label)
                    .isInstanceOf(Failure.class);
        }
        assertThatThrownBy(() -> users.addApplication("carol", "phone", "p")).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> users.removeApplication("alice", "")).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> users.removeApplication("alice", "tablet")).isInstanceOf(Failure.class);
        assertThat(users.login("alice").applications()).containsExactly("phone");
    }

    /** As versions write it that know neither applications nor certificates. */
    @Test
    void readsAndKeepsTheLinesOfToday() throws Exception {
        String line = "user:{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
                + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        Files.writeString(file, line + "\n");
        assertThat(users.authenticate("user", "pencil")).contains("user");
        users.add("bob", "x");
        users.addApplication("user", "phone", "of the phone");
        users.remove("bob");
        users.removeApplication("user", "phone");
        assertThat(Files.readAllLines(file)).containsExactly(line);
    }

    @Test
    void losesNoChangeOfSeveralAtOnce() throws Exception {
        ExecutorService several = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Void>> changes = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                String label = "app" + i;
                changes.add(() -> {
                    users.addApplication("alice", label, label);
                    return null;
                });
            }
            for (Future<Void> each : several.invokeAll(changes)) {
                each.get();
            }
        } finally {
            several.shutdown();
        }
        assertThat(users.login("alice").applications()).hasSize(9);
        assertThat(users.names()).containsExactly("alice", "bob");
    }

    @Test
    void knowsWhoseACertificateIsUntilItExpires() throws Exception {
        X509Certificate certificate = certificate("alice");
        ManualClock clock = new ManualClock(certificate.getNotBefore().toInstant());
        users = new Users(file, Set.of("localhost"), clock);
        List<X509Certificate> chain = List.of(certificate);
        assertThat(users.external(chain, "")).isEmpty();
        String fingerprint = users.addCertificate("alice", certificate);
        assertThat(users.external(chain, "")).contains("alice");
        assertThat(users.external(chain, "Alice@localhost")).contains("alice");
        assertThat(users.external(chain, "bob")).isEmpty();
        assertThat(users.external(List.of(certificate("alice")), ""))
                .as("one like it")
                .isEmpty();
        assertThatThrownBy(() -> users.addCertificate("bob", certificate)).isInstanceOf(Failure.class);

        users.add("alice", "changed");
        users.addApplication("bob", "phone", "x");
        assertThat(users.external(chain, "")).contains("alice");
        clock.advance(
                Duration.between(clock.instant(), certificate.getNotAfter().toInstant())
                        .plusSeconds(1));
        assertThat(users.external(chain, "")).isEmpty();

        users.removeCertificate("alice", fingerprint);
        assertThat(users.login("alice").certificates()).isEmpty();
        assertThatThrownBy(() -> users.removeCertificate("alice", fingerprint)).isInstanceOf(Failure.class);
    }

    @Test
    void passesOverASecondLineOfALogin() throws Exception {
        Files.writeString(file, Files.readString(file).replace("bob:", "alice:"));
        assertThat(users.names()).containsExactly("alice");
        assertThat(users.authenticate("alice", "open sesame")).contains("alice");
        assertThat(users.authenticate("alice", "p\u00e4ssword")).isEmpty();
        assertThatThrownBy(() -> users.add("carol", "p")).hasMessageContaining("line 2 of ");
    }

    @Test
    void passesOverACertificateThatIsNobodysOrOfTwo() throws Exception {
        String digits = "ab".repeat(32);
        String edited = Files.readString(file) + "bob:{CERTIFICATE-SHA-256}" + digits + "\n";
        for (String line : List.of(
                "carol:{CERTIFICATE-SHA-256}" + "cd".repeat(32),
                "alice:{CERTIFICATE-SHA-256}" + digits,
                "alice:{CERTIFICATE-SHA-256}" + "CD".repeat(32),
                "alice:{CERTIFICATE-MD5}" + digits)) {
            Files.writeString(file, edited + line + "\n");
            assertThat(users.login("bob").certificates()).containsExactly(digits);
            assertThat(users.login("alice").certificates()).isEmpty();
            assertThatThrownBy(() -> users.remove("bob")).hasMessageContaining("line 4 of ");
        }
    }

    private X509Certificate certificate(String name) throws Exception {
        Path chain = scratch.resolve(name + ".pem");
        TlsContext.writeSelfSigned(chain, scratch.resolve(name + ".key"), List.of(name + ".example"));
        try (InputStream in = Files.newInputStream(chain)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}

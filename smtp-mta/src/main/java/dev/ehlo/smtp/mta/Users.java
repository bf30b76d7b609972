package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The logins, each of which is a mailbox too. A change to their {@linkplain UsersFile file}, by {@code ehlo user} beside a
 * running server, is seen at the next look-up. Used by many threads.
 */
final class Users implements Authenticator {
    /** To a recipient at a local domain who is nobody: at RCPT, and for one removed before delivery. */
    static final Reply NO_SUCH_USER = Reply.of(550, "5.1.1", "No such user here");

    private final UsersFile file;
    private final Set<String> localDomains;
    private final InstantSource time;
    private final SecureRandom random = new SecureRandom();
    /** Checked in place of a login that is not there, so that the answer takes as long. */
    private final ScramCredential nobody;

    /** The logins in the file, which need not be there yet; a login may be written {@code name@localdomain} too. */
    Users(Path file, Set<String> localDomains, InstantSource time) {
        this.file = new UsersFile(file);
        this.localDomains = localDomains;
        this.time = time;
        this.nobody = ScramCredential.empty("", random);
    }

    /** The names, in the order they were added. */
    Set<String> names() throws IOException {
        return file.logins().keySet();
    }

    /** What is kept of that user. */
    Login login(String name) throws IOException, Failure {
        return login(file.logins(), name);
    }

    /**
     * The user who gets the mail for that local part at a local domain, compared without regard to case. Postmaster
     * is always somebody: the user of that name, or else the first one made. RFC 5321 §4.5.1.
     */
    Optional<String> mailboxOf(String localPart) throws IOException {
        Set<String> names = names();
        String name = Octets.lowerAscii(localPart);
        if (names.contains(name)) {
            return Optional.of(name);
        }
        return name.equals("postmaster") ? names.stream().findFirst() : Optional.empty();
    }

    @Override
    public Set<Mechanism> mechanisms() {
        return Set.of(Mechanism.SCRAM_SHA_256, Mechanism.EXTERNAL, Mechanism.PLAIN, Mechanism.LOGIN);
    }

    @Override
    public String canonical(String login) {
        int at = login.lastIndexOf('@');
        boolean local = at > 0 && localDomains.contains(DomainGrammar.toAscii(login.substring(at + 1)));
        return Octets.lowerAscii(local ? login.substring(0, at) : login);
    }

    @Override
    public Optional<String> authenticate(String login, String password) throws IOException {
        String name = canonical(login);
        Login known = file.logins().get(name);
        boolean matches =
                (known == null ? nobody : known.credential()).keyOf(password).isPresent();
        return matches && known != null ? Optional.of(name) : Optional.empty();
    }

    @Override
    public Optional<ScramCredential> scram(String login, Mechanism mechanism) throws IOException {
        return Optional.ofNullable(file.logins().get(canonical(login))).map(Login::credential);
    }

    /** The certificate itself is what is known, whoever has signed it, and it is good for as long as it says. */
    @Override
    public Optional<String> external(List<X509Certificate> chain, String authorizationId) throws IOException {
        X509Certificate own = chain.get(0);
        Instant now = time.instant();
        if (now.isBefore(own.getNotBefore().toInstant())
                || now.isAfter(own.getNotAfter().toInstant())) {
            return Optional.empty();
        }
        String owner = file.owner(fingerprint(own));
        boolean oneself =
                authorizationId.isEmpty() || canonical(authorizationId).equals(owner);
        return oneself ? Optional.ofNullable(owner) : Optional.empty();
    }

    /**
     * Adds a login, or gives one that is there a new password beside those of its applications.
     *
     * @throws Failure if the name is none
     */
    void add(String name, String password) throws IOException, Failure {
        if (!UsersFile.NAME.matcher(name).matches()) {
            throw new Failure("a login is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit");
        }
        file.change(logins -> {
            Login before = logins.get(name);
            // A salt is told to whoever asks, and the passwords of applications are bound to it.
            if (before == null || before.applications().isEmpty()) {
                Login fresh = new Login(ScramCredential.empty(name, random));
                before = before == null ? fresh : before.with(fresh.credential());
            }
            logins.put(name, with(before, ScramKey.OWN, password));
        });
    }

    /**
     * Removes a login, not its mail.
     *
     * @throws Failure if there is none of that name
     */
    void remove(String name) throws IOException, Failure {
        file.change(logins -> {
            login(logins, name);
            logins.remove(name);
        });
    }

    /**
     * Gives an application a password of its own.
     *
     * @throws Failure if there is no such login, if the application has one, or its name is none
     */
    void addApplication(String name, String application, String password) throws IOException, Failure {
        file.change(logins -> {
            Login before = login(logins, name);
            if (application.isEmpty() || before.applications().contains(application)) {
                throw new Failure(name + " has a password for " + application + " already: remove it first");
            }
            logins.put(name, with(before, application, password));
        });
    }

    /**
     * Takes an application's password away.
     *
     * @throws Failure if there is none
     */
    void removeApplication(String name, String application) throws IOException, Failure {
        file.change(logins -> {
            Login before = login(logins, name);
            if (!before.applications().contains(application)) {
                throw new Failure(name + " has no password for " + application);
            }
            logins.put(name, before.with(before.credential().without(application)));
        });
    }

    /**
     * Takes the login's own password away, so that only those of its applications are good.
     *
     * @throws Failure if there is none of these
     */
    void applicationsOnly(String name) throws IOException, Failure {
        file.change(logins -> {
            Login before = login(logins, name);
            if (before.applications().isEmpty()) {
                throw new Failure(name + " has no password for an application, and could not log in any more");
            }
            logins.put(name, before.with(before.credential().without(ScramKey.OWN)));
        });
    }

    /**
     * Lets whoever has the key of that certificate log in.
     *
     * @return its SHA-256
     * @throws Failure if it is somebody's already
     */
    String addCertificate(String name, X509Certificate certificate) throws IOException, Failure {
        String fingerprint = fingerprint(certificate);
        file.change(logins -> {
            Login before = login(logins, name);
            for (Map.Entry<String, Login> each : logins.entrySet()) {
                if (each.getValue().certificates().contains(fingerprint)) {
                    throw new Failure("that certificate is " + each.getKey() + "'s already");
                }
            }
            logins.put(name, before.withCertificate(fingerprint));
        });
        return fingerprint;
    }

    /**
     * The certificate of that SHA-256 is good no longer.
     *
     * @throws Failure if it was not
     */
    void removeCertificate(String name, String fingerprint) throws IOException, Failure {
        file.change(logins -> {
            Login before = login(logins, name);
            if (!before.certificates().contains(fingerprint)) {
                throw new Failure(name + " has no certificate " + fingerprint);
            }
            logins.put(name, before.withoutCertificate(fingerprint));
        });
    }

    private static Login login(Map<String, Login> logins, String name) throws Failure {
        Login login = logins.get(name);
        if (login == null) {
            throw new Failure("no login " + name);
        }
        return login;
    }

    private static Login with(Login login, String label, String password) throws Failure {
        try {
            return login.with(login.credential().with(label, password));
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read has a form, and every JVM has SHA-256", e);
        }
    }
}

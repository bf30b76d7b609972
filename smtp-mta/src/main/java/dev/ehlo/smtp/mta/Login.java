package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is kept of a user.
 *
 * @param credential the passwords: the user's own, unless only those of applications are taken, and those
 * @param certificates by which the user may log in too: their SHA-256 in hexadecimal digits, in lower case
 */
record Login(ScramCredential credential, Set<String> certificates) {
    Login {
        certificates = Set.copyOf(certificates);
    }

    Login(ScramCredential credential) {
        this(credential, Set.of());
    }

    Login with(ScramCredential other) {
        return new Login(other, certificates);
    }

    Login withCertificate(String fingerprint) {
        Set<String> more = new TreeSet<>(certificates);
        more.add(fingerprint);
        return new Login(credential, more);
    }

    Login withoutCertificate(String fingerprint) {
        Set<String> fewer = new TreeSet<>(certificates);
        fewer.remove(fingerprint);
        return new Login(credential, fewer);
    }

    /** The names of the applications' passwords, in the order they were added. */
    List<String> applications() {
        return credential.keys().stream()
                .map(ScramKey::name)
                .filter(name -> !name.equals(ScramKey.OWN))
                .toList();
    }
}

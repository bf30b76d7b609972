package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.KeyManager;

/**
 * With which key and certificate a client shows servers who it is, where they ask. Immutable; read once, and checked
 * then. Two are equal if the certificates are.
 */
public final class ClientKey {
    private final CertifiedKey key;

    private ClientKey(CertifiedKey key) {
        this.key = key;
    }

    /**
     * Of PEM files.
     *
     * @param chain the client's certificate, then those that lead from it towards a root
     * @param key the private key of the first one, not encrypted: PKCS#8, PKCS#1 or SEC1
     * @throws IOException if a file cannot be read, or does not hold what it should, or the key is another
     *     certificate's or too weak, or a certificate has expired; the message says which file, and what is wrong
     */
    public static ClientKey pem(Path chain, Path key) throws IOException {
        return new ClientKey(
                KeyChecks.checked(PemFiles.chain(chain), PemFiles.key(key, null), chain, key, Instant.now()));
    }

    /**
     * As {@link #pem(Path, Path)}, with an encrypted key.
     *
     * @param passphrase the caller's, who may wipe it
     */
    public static ClientKey pem(Path chain, Path key, char[] passphrase) throws IOException {
        return new ClientKey(
                KeyChecks.checked(PemFiles.chain(chain), PemFiles.key(key, passphrase), chain, key, Instant.now()));
    }

    /**
     * Of a PKCS#12 file that has one key. RFC 7292 §4.
     *
     * @param password the caller's, who may wipe it
     * @throws IOException as {@link #pem(Path, Path)}
     */
    public static ClientKey pkcs12(Path file, char[] password) throws IOException {
        return new ClientKey(Pkcs12File.read(file, password, Instant.now()));
    }

    /** The client's own certificate. */
    public X509Certificate certificate() {
        return key.certificate();
    }

    KeyManager manager() {
        return new ClientKeyManager(key);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientKey that && key.chain().equals(that.key.chain());
    }

    @Override
    public int hashCode() {
        return key.chain().hashCode();
    }

    /** Whose it is, without the key. */
    @Override
    public String toString() {
        return "ClientKey[" + certificate().getSubjectX500Principal() + ']';
    }
}

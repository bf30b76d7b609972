package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Reads a key with its certificates out of one file. RFC 7292 §4. */
final class Pkcs12File {
    private Pkcs12File() {}

    static CertifiedKey read(Path file, char[] password, Instant now) throws IOException {
        try {
            KeyStore store = load(file, password);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw new IOException(file + " holds " + keys.size() + " private keys, and should hold one");
            }
            Key key = store.getKey(keys.get(0), password);
            List<X509Certificate> chain = Stream.ofNullable(store.getCertificateChain(keys.get(0)))
                    .flatMap(Stream::of)
                    .map(X509Certificate.class::cast)
                    .toList();
            if (!(key instanceof PrivateKey privateKey) || chain.isEmpty()) {
                throw new IOException(file + " holds no private key with a certificate");
            }
            return KeyChecks.checked(chain, privateKey, file, file, now);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static KeyStore load(Path file, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                throw new IOException(file + " cannot be decrypted, most likely the password is another", e);
            }
            throw PemFiles.unreadable(file, "as PKCS#12", e);
        }
        return store;
    }
}

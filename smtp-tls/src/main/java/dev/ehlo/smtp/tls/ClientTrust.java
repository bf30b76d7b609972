package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Which certificates of servers a client takes. Immutable; worth keeping, as reading the roots takes time. */
public final class ClientTrust {
    private final TrustManager[] managers;
    private final boolean verified;

    private ClientTrust(TrustManager[] managers, boolean verified) {
        this.managers = managers;
        this.verified = verified;
    }

    /** Those that a root of the JVM's own store vouches for, with the server's name in them. */
    public static ClientTrust system() {
        return verified(null);
    }

    /**
     * Those that one of these certificates vouches for, or which are one of them, with the server's name in them.
     *
     * @param caFile certificates in PEM
     * @throws IOException if it cannot be read, or holds none
     */
    public static ClientTrust pem(Path caFile) throws IOException {
        List<X509Certificate> roots = PemFiles.chain(caFile);
        try {
            KeyStore store = PemFiles.emptyStore();
            for (int i = 0; i < roots.size(); i++) {
                store.setCertificateEntry("root-" + i, roots.get(i));
            }
            return verified(store);
        } catch (GeneralSecurityException e) {
            throw new IOException(caFile + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Any at all: the octets are encrypted for whoever answers. This is what opportunistic TLS between mail exchangers
     * comes to (RFC 7435 §3); it is nothing for a client that logs in.
     */
    public static ClientTrust insecure() {
        return new ClientTrust(new TrustManager[] {new NotingTrust(new AnyCertificate())}, false);
    }

    TrustManager[] managers() {
        return managers.clone();
    }

    boolean verified() {
        return verified;
    }

    private static ClientTrust verified(@Nullable KeyStore roots) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(roots);
            TrustManager[] managers = factory.getTrustManagers();
            for (int i = 0; i < managers.length; i++) {
                if (managers[i] instanceof X509ExtendedTrustManager judge) {
                    managers[i] = new NotingTrust(judge);
                }
            }
            return new ClientTrust(managers, true);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot check certificates", e);
        }
    }
}

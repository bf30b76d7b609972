package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates of its peers a client takes, and a server of its clients. Immutable; worth keeping, as reading the
 * roots takes time.
 */
public final class ClientTrust {
    /** What the JDK says where the suite does not tell the key exchange, as in TLS 1.3. */
    private static final String ANY_KEY_EXCHANGE = "UNKNOWN";

    private final TrustManager[] managers;
    private final boolean verified;
    private final Set<TrustAnchor> roots;

    private ClientTrust(TrustManager[] managers, boolean verified) {
        this.managers = managers;
        this.verified = verified;
        this.roots = Stream.of(managers)
                .filter(X509TrustManager.class::isInstance)
                .flatMap(m -> Stream.of(((X509TrustManager) m).getAcceptedIssuers()))
                .map(root -> new TrustAnchor(root, null))
                .collect(Collectors.toUnmodifiableSet());
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
        return new ClientTrust(new TrustManager[0], false);
    }

    TrustManager[] managers() {
        return managers.clone();
    }

    /** Whether it proves who the peer is; false of {@link #insecure}. */
    public boolean verified() {
        return verified;
    }

    /**
     * Checks that a root vouches for the first certificate, by way of the others, at that time and for a server, by
     * what the JDK has to say of algorithms and issuers (RFC 5280 §6.1). Names are not looked at.
     */
    void check(List<X509Certificate> chain, Instant now) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(roots, new X509CertSelector());
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager judge) {
                judge.checkServerTrusted(chain.toArray(X509Certificate[]::new), ANY_KEY_EXCHANGE);
            }
        }
    }

    private static ClientTrust verified(@Nullable KeyStore roots) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(roots);
            return new ClientTrust(factory.getTrustManagers(), true);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot check certificates", e);
        }
    }
}

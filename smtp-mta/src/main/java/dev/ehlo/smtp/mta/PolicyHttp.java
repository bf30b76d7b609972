package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** HTTPS by which policies are fetched, where other authorities are to be trusted than the system's. */
final class PolicyHttp {
    private PolicyHttp() {}

    /** @param authorities certificates in PEM */
    static HttpClient.Builder trusting(Path authorities) throws Failure {
        try (InputStream in = Files.newInputStream(authorities)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("root-" + store.size(), each);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context);
        } catch (IOException e) {
            throw new Failure("--ca: " + DataDirectory.reason(e), e);
        } catch (GeneralSecurityException e) {
            throw new Failure("--ca: " + authorities + " holds no certificates that can be used", e);
        }
    }
}

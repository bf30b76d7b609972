package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes a server's {@link TlsContext}. Not for several threads.
 *
 * <pre>{@code
 * TlsContext tls = TlsContext.server()
 *         .certificate(Path.of("mx-ecdsa.pem"), Path.of("mx-ecdsa.key"))      // the default
 *         .certificate(Path.of("mx-rsa.pem"), Path.of("mx-rsa.key"))          // for clients without ECDSA
 *         .pkcs12(Path.of("example.net.p12"), password)                       // for who asks for its names
 *         .build();
 * }</pre>
 *
 * <p>A client that asks for a name (SNI, RFC 6066 §3) is shown the certificate that has it, exactly or by wildcard, of
 * several the one with ECDSA if the client takes it; other clients are shown the first one, or one for the same names.
 * Names are those in the certificates, as A-labels.
 */
public final class TlsServerBuilder {
    private final List<KeySource> sources = new ArrayList<>();
    private ClientCertificates clientCertificates = ClientCertificates.NONE;
    private @Nullable ClientTrust clientTrust;
    private InstantSource time = Clock.systemUTC();

    TlsServerBuilder() {}

    /**
     * One more certificate, of PEM files; the first is the default.
     *
     * @param chain the server's certificate, then those that lead from it towards a root
     * @param key the private key of the first one, not encrypted: PKCS#8, PKCS#1 or SEC1
     */
    public TlsServerBuilder certificate(Path chain, Path key) {
        Objects.requireNonNull(chain);
        Objects.requireNonNull(key);
        sources.add(now -> KeyChecks.checked(PemFiles.chain(chain), PemFiles.key(key, null), chain, key, now));
        return this;
    }

    /**
     * As {@link #certificate(Path, Path)}, with an encrypted key.
     *
     * @param passphrase the caller's, who may wipe it; a copy is kept for {@link TlsContext#reload}
     */
    public TlsServerBuilder certificate(Path chain, Path key, char[] passphrase) {
        Objects.requireNonNull(chain);
        Objects.requireNonNull(key);
        char[] kept = passphrase.clone();
        sources.add(now -> KeyChecks.checked(PemFiles.chain(chain), PemFiles.key(key, kept), chain, key, now));
        return this;
    }

    /**
     * One more certificate, with its chain and key in a PKCS#12 file that has one key (RFC 7292 §4).
     *
     * @param password the caller's, who may wipe it; a copy is kept for {@link TlsContext#reload}
     */
    public TlsServerBuilder pkcs12(Path file, char[] password) {
        Objects.requireNonNull(file);
        char[] kept = password.clone();
        sources.add(now -> Pkcs12File.read(file, kept, now));
        return this;
    }

    /** A key that is in memory. */
    TlsServerBuilder certificate(CertifiedKey key) {
        sources.add(now -> key);
        return this;
    }

    /**
     * Whether clients are asked for certificates (default: no), and which are taken. A session of a client that was
     * judged can be resumed for an hour; {@link TlsContext#reload} leaves the trust as it is.
     *
     * @param trust who vouches for clients; {@link ClientTrust#insecure} takes any, for who compares keys himself
     */
    public TlsServerBuilder clientCertificates(ClientCertificates asked, ClientTrust trust) {
        clientCertificates = Objects.requireNonNull(asked);
        clientTrust = Objects.requireNonNull(trust);
        return this;
    }

    /** By which certificates have expired. */
    TlsServerBuilder time(InstantSource source) {
        time = source;
        return this;
    }

    /**
     * Reads and checks all files.
     *
     * @throws IOException if a file cannot be read, or does not hold what it should, or a key is another certificate's
     *     or too weak, a chain out of order, a certificate expired or not valid yet; the message says which file, and
     *     what is wrong
     * @throws IllegalStateException if there is no certificate
     */
    public TlsContext build() throws IOException {
        if (sources.isEmpty()) {
            throw new IllegalStateException("a server needs a certificate");
        }
        ClientTrust trust = clientTrust;
        ClientJudge judge = trust == null || clientCertificates == ClientCertificates.NONE
                ? null
                : new ClientJudge(trust, clientCertificates == ClientCertificates.REQUIRED);
        return TlsContext.server(new ServerKeys(sources, time), clientCertificates, judge);
    }
}

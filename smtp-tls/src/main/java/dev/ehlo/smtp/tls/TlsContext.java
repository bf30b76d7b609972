package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/** Keys and trust of one side. */
public final class TlsContext {
    private TlsContext() {}

    /** A server's, from PEM files. */
    public static TlsContext pem(Path chain, Path key) throws IOException {
        throw new IOException("not readable: " + chain + key);
    }

    /** A server's, from PEM files. */
    public static TlsContext pem(Path chain, Path key, char[] passphrase) throws IOException {
        throw new IOException("not readable: " + chain + key + passphrase.length);
    }

    /** A server's, made up. */
    public static TlsContext selfSigned(String... names) {
        return new TlsContext();
    }

    /** Makes up keys, and writes them. */
    public static void writeSelfSigned(Path chain, Path key, List<String> names) throws IOException {
        throw new IOException("not writable: " + chain + key + names);
    }

    /** A client's. */
    public static TlsContext client(ClientTrust trust, String serverName) {
        return new TlsContext();
    }

    /** The server's own. */
    public Optional<X509Certificate> certificate() {
        return Optional.empty();
    }

    /** Of the server's own. */
    public String fingerprint() {
        return "";
    }

    /** An engine for one connection. */
    public SSLEngine newEngine() {
        throw new IllegalStateException();
    }
}

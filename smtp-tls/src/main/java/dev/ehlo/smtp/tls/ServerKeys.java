package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The keys and certificates that a server shows, one of them to each client: by the name it asks for, then by the
 * signatures it takes. Shared by all engines of a server, on any thread; {@link #reload} swaps all at once, and a
 * handshake that is under way goes on with those that it began with.
 */
final class ServerKeys extends X509ExtendedKeyManager {
    /** The keys, and those before them, as the engine asks more than once: by type, for the key, and for the chain. */
    private record Generation(
            int number, KeyTable table, @Nullable KeyTable before) {
        KeyTable table(int of) {
            return before == null || of == number ? table : before;
        }
    }

    private final List<KeySource> sources;
    private final InstantSource time;
    private volatile Generation current;

    /** @param sources at least one, of which the first is the default */
    ServerKeys(List<KeySource> sources, InstantSource time) throws IOException {
        this.sources = List.copyOf(sources);
        this.time = time;
        this.current = new Generation(0, read(), null);
    }

    /** Reads all anew, and shows them from the next handshake on. If anything is wrong, the old ones stay. */
    synchronized void reload() throws IOException {
        KeyTable table = read();
        current = new Generation(current.number + 1, table, current.table);
    }

    X509Certificate certificate() {
        return current.table.first().certificate();
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        HandshakeNotes notes = HandshakeNotes.of(engine);
        // JDK 25 asks in a resumed handshake too, for what a ticket leaves out; there is no session then.
        SSLSession session = engine.getHandshakeSession();
        Collection<String> signatures = List.of();
        boolean tls13 = false;
        if (session != null) {
            notes.full();
            tls13 = session.getProtocol().equals("TLSv1.3");
            if (session instanceof ExtendedSSLSession extended) {
                signatures = List.of(extended.getPeerSupportedSignatureAlgorithms());
            }
        }
        Generation generation = current;
        int number = notes.generation(generation.number);
        int index = generation.table(number).choose(keyType, notes.serverName(), signatures, tls13);
        return index < 0 ? null : number + "." + index;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return get(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return get(alias).key();
    }

    private CertifiedKey get(String alias) {
        int dot = alias.indexOf('.');
        // The call follows the choice at once: a reload can come between them, a second one cannot.
        KeyTable table = current.table(Integer.parseInt(alias.substring(0, dot)));
        return table.get(Integer.parseInt(alias.substring(dot + 1)));
    }

    private KeyTable read() throws IOException {
        List<CertifiedKey> keys = new ArrayList<>();
        for (KeySource source : sources) {
            keys.add(source.read(time.instant()));
        }
        try {
            return new KeyTable(keys);
        } catch (CertificateParsingException e) {
            throw new IOException("a certificate has names that cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null; // engines alone are made of this
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }
}

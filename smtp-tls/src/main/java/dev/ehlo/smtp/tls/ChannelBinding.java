package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the two ends of one TLS connection know, by which a login proves that nobody stands between them. Immutable.
 * RFC 5056.
 */
public final class ChannelBinding {
    /** Of this connection alone. RFC 9266 §2. */
    public static final String TLS_EXPORTER = "tls-exporter";
    /** Of all connections with the server's certificate. RFC 5929 §4. */
    public static final String TLS_SERVER_END_POINT = "tls-server-end-point";

    private static final Logger LOG = LoggerFactory.getLogger(ChannelBinding.class);

    private static final String LABEL = "EXPORTER-Channel-Binding";
    private static final int EXPORTED_OCTETS = 32;

    /** ExtendedSSLSession.exportKeyingMaterialData, which JVMs have from version 25 on; null in older ones. */
    private static final @Nullable MethodHandle EXPORT = exporter();

    private final String type;
    private final byte[] data;

    /**
     * Octets of a type, which are copied.
     *
     * @param type its registered name
     */
    public ChannelBinding(String type, byte[] data) {
        this.type = type;
        this.data = data.clone();
    }

    /** {@link #TLS_EXPORTER} or {@link #TLS_SERVER_END_POINT}. */
    public String type() {
        return type;
    }

    /** A copy of the octets, which are no secret. */
    public byte[] data() {
        return data.clone();
    }

    /**
     * The best one of a client's finished handshake: {@value #TLS_EXPORTER} under TLS 1.3 where the JVM exports keying
     * material (25 and newer do), else {@value #TLS_SERVER_END_POINT}; empty where that is not defined for the
     * server's certificate, as for one that is signed by Ed25519.
     */
    public static Optional<ChannelBinding> of(SSLEngine engine) {
        SSLSession session = engine.getSession();
        Optional<ChannelBinding> exported = exported(session);
        return exported.isPresent() ? exported : ofServer(session);
    }

    /**
     * That of a type, of a finished handshake, as a server looks for the one that its client names: {@value
     * #TLS_EXPORTER} or {@value #TLS_SERVER_END_POINT}; empty where there is none, and of any other type.
     */
    public static Optional<ChannelBinding> of(SSLEngine engine, String type) {
        SSLSession session = engine.getSession();
        return switch (type) {
            case TLS_EXPORTER -> exported(session);
            case TLS_SERVER_END_POINT -> engine.getUseClientMode() ? ofServer(session) : ofServerItself(session);
            default -> Optional.empty();
        };
    }

    /** Not before TLS 1.3, where two sessions may share a master secret. RFC 9266 §4.2. */
    private static Optional<ChannelBinding> exported(SSLSession session) {
        if (EXPORT == null
                || !(session instanceof ExtendedSSLSession extended)
                || !session.getProtocol().equals("TLSv1.3")) {
            return Optional.empty();
        }
        try {
            byte[] exported = (byte[]) EXPORT.invokeExact(extended, LABEL, new byte[0], EXPORTED_OCTETS);
            return Optional.of(new ChannelBinding(TLS_EXPORTER, exported));
        } catch (Error e) {
            throw e;
        } catch (Throwable e) { // a provider need not have it
            LOG.debug("no keying material is exported", e);
            return Optional.empty();
        }
    }

    private static Optional<ChannelBinding> ofServer(SSLSession session) {
        try {
            return session.getPeerCertificates()[0] instanceof X509Certificate certificate
                    ? ofServer(certificate)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private static Optional<ChannelBinding> ofServerItself(SSLSession session) {
        Certificate[] shown = session.getLocalCertificates();
        return shown != null && shown.length > 0 && shown[0] instanceof X509Certificate certificate
                ? ofServer(certificate)
                : Optional.empty();
    }

    /** By the hash of the certificate's signature, where that is not too weak. RFC 5929 §4.1. */
    static Optional<ChannelBinding> ofServer(X509Certificate certificate) {
        try {
            String signature = hashOfSignature(certificate);
            if (signature.isEmpty()) {
                return Optional.empty();
            }
            MessageDigest hash = MessageDigest.getInstance(signature);
            return Optional.of(new ChannelBinding(TLS_SERVER_END_POINT, hash.digest(certificate.getEncoded())));
        } catch (GeneralSecurityException e) {
            LOG.debug("no channel binding by a certificate that is signed by {}", certificate.getSigAlgName(), e);
            return Optional.empty();
        }
    }

    /** Empty if the signature is not made of one hash. */
    private static String hashOfSignature(X509Certificate certificate) throws GeneralSecurityException {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        String hash;
        if (algorithm.equals("RSASSA-PSS")) {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            try {
                parameters.init(certificate.getSigAlgParams());
            } catch (IOException e) {
                throw new GeneralSecurityException(e);
            }
            hash = parameters
                    .getParameterSpec(PSSParameterSpec.class)
                    .getDigestAlgorithm()
                    .toUpperCase(Locale.ROOT);
        } else {
            int with = algorithm.indexOf("WITH");
            hash = with < 0 ? "" : algorithm.substring(0, with);
        }
        return switch (hash) {
            case "MD5", "SHA", "SHA1", "SHA-1" -> "SHA-256";
            default -> hash.matches("SHA[0-9].*") ? "SHA-" + hash.substring(3) : hash;
        };
    }

    private static @Nullable MethodHandle exporter() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(
                            ExtendedSSLSession.class,
                            "exportKeyingMaterialData",
                            MethodType.methodType(byte[].class, String.class, byte[].class, int.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            LOG.debug("this JVM exports no keying material", e);
            return null;
        }
    }
}

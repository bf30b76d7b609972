package dev.ehlo.smtp.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and private keys as people have them. What comes out are keys of the JDK's own kinds; the
 * BouncyCastle provider is used where a key is decrypted, and never registered. RFC 7468 §5, §10, §11.
 */
final class PemFiles {
    private PemFiles() {}

    /** All certificates of the file in their order, at least one; other things in it are passed over. */
    static List<X509Certificate> chain(Path file) throws IOException {
        List<X509Certificate> chain = new ArrayList<>();
        for (Object object : objects(file)) {
            if (object instanceof X509CertificateHolder holder) {
                chain.add(certificate(file, holder));
            }
        }
        if (chain.isEmpty()) {
            throw new IOException(Files.size(file) == 0 ? file + " is empty" : file + " holds no certificate in PEM");
        }
        return chain;
    }

    /** The first private key of the file. */
    static PrivateKey key(Path file, char @Nullable [] passphrase) throws IOException {
        for (Object object : objects(file)) {
            PrivateKeyInfo key = privateKey(file, object, passphrase);
            if (key != null) {
                return toJdk(file, key);
            }
        }
        throw new IOException(Files.size(file) == 0 ? file + " is empty" : file + " holds no private key in PEM");
    }

    /** Says in words what the system says by the kind of its exception. */
    static IOException unreadable(Path file, String form, Exception e) throws IOException {
        if (e instanceof NoSuchFileException) {
            return new IOException(file + " does not exist", e);
        }
        if (e instanceof AccessDeniedException) {
            return new IOException(file + " may not be read by this user", e);
        }
        if (Files.isRegularFile(file) && Files.size(file) == 0) {
            return new IOException(file + " is empty", e);
        }
        return new IOException(file + " cannot be read " + form + ": " + e.getMessage(), e);
    }

    static KeyStore emptyStore() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store cannot be made", e);
        }
        return store;
    }

    private static List<Object> objects(Path file) throws IOException {
        List<Object> objects = new ArrayList<>();
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                objects.add(object);
            }
        } catch (IOException | RuntimeException e) { // the parser throws either for what is no PEM
            throw unreadable(file, "as PEM", e);
        }
        return objects;
    }

    private static X509Certificate certificate(Path file, X509CertificateHolder holder) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(holder.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    private static @Nullable PrivateKeyInfo privateKey(Path file, Object object, char @Nullable [] passphrase)
            throws IOException {
        if (object instanceof PrivateKeyInfo key) {
            return key;
        }
        if (object instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        boolean encrypted = object instanceof PEMEncryptedKeyPair || object instanceof PKCS8EncryptedPrivateKeyInfo;
        if (!encrypted) {
            return null;
        }
        if (passphrase == null) {
            throw new IOException(file + " holds an encrypted key, and no passphrase was given");
        }
        try {
            if (object instanceof PKCS8EncryptedPrivateKeyInfo pkcs8) {
                return pkcs8.decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(new BouncyCastleProvider())
                        .build(passphrase));
            }
            return ((PEMEncryptedKeyPair) object)
                    .decryptKeyPair(new BcPEMDecryptorProvider(passphrase))
                    .getPrivateKeyInfo();
        } catch (IOException | PKCSException | OperatorCreationException | RuntimeException e) {
            throw new IOException(file + " cannot be decrypted, most likely the passphrase is another", e);
        }
    }

    private static PrivateKey toJdk(Path file, PrivateKeyInfo key) throws IOException {
        try {
            return KeyFactory.getInstance(algorithm(key.getPrivateKeyAlgorithm().getAlgorithm()))
                    .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " holds a key that cannot be used: " + e.getMessage(), e);
        }
    }

    private static String algorithm(ASN1ObjectIdentifier id) {
        if (id.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return "RSA";
        }
        if (id.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            return "EC";
        }
        boolean edwards = id.equals(EdECObjectIdentifiers.id_Ed25519) || id.equals(EdECObjectIdentifiers.id_Ed448);
        return edwards ? "EdDSA" : id.getId();
    }
}

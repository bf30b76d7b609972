package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.nio.file.Path;

/** Whom a client trusts. */
public final class ClientTrust {
    private ClientTrust() {}

    /** The JVM's. */
    public static ClientTrust system() {
        return new ClientTrust();
    }

    /** These. */
    public static ClientTrust pem(Path caFile) throws IOException {
        throw new IOException(caFile.toString());
    }

    /** Anyone. */
    public static ClientTrust insecure() {
        return new ClientTrust();
    }
}

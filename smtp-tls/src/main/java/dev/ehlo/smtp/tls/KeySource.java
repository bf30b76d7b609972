package dev.ehlo.smtp.tls;

import java.io.IOException;
import java.time.Instant;

/** Where a key and its certificates come from, again at each reload. */
interface KeySource {
    /**
     * Reads and checks them.
     *
     * @throws IOException if they cannot be read or used; the message says which file, and what is wrong
     */
    CertifiedKey read(Instant now) throws IOException;
}

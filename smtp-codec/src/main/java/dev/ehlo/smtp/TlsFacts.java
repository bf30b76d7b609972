package dev.ehlo.smtp;

/**
 * What protected a connection.
 *
 * @param protocol {@code TLSv1.3} or {@code TLSv1.2}
 * @param cipherSuite the name of the suite as registered with IANA
 * @param isVerified whether the peer proved to be who it was taken for, so that nobody between could read or change
 *     anything; if not, nobody who only listened could read
 */
public record TlsFacts(String protocol, String cipherSuite, boolean isVerified) {}

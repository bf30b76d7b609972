package dev.ehlo.smtp.tls;

/**
 * What is wrong with a chain of certificates.
 *
 * @param words as {@link TlsVerdict#reason} has them
 */
record Fault(CertificateFault kind, String words) {}

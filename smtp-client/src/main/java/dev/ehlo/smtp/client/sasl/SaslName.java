package dev.ehlo.smtp.client.sasl;

/** A name where commas separate and equals signs assign. RFC 5802 §5.1. */
final class SaslName {
    private SaslName() {}

    static String escape(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }
}

package dev.ehlo.smtp.sasl;

/** A name where commas separate and equals signs assign. RFC 5802 §5.1. */
public final class SaslName {
    private SaslName() {}

    /** The name as it may stand there. */
    public static String escape(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }
}

package dev.ehlo.smtp.sasl;

import java.util.Optional;

/** A name where commas separate and equals signs assign. RFC 5802 §5.1. */
public final class SaslName {
    private SaslName() {}

    /** The name as it may stand there. */
    public static String escape(String name) {
        return name.replace("=", "=3D").replace(",", "=2C");
    }

    /** The name that stands there; empty if there is a comma, or an equals sign that belongs to neither. */
    public static Optional<String> unescape(String text) {
        StringBuilder name = new StringBuilder(text.length());
        for (int at = 0; at < text.length(); at++) {
            char each = text.charAt(at);
            if (each == '=' && text.startsWith("2C", at + 1)) {
                name.append(',');
                at += 2;
            } else if (each == '=' && text.startsWith("3D", at + 1)) {
                name.append('=');
                at += 2;
            } else if (each == '=' || each == ',') {
                return Optional.empty();
            } else {
                name.append(each);
            }
        }
        return Optional.of(name.toString());
    }
}

package dev.ehlo.smtp.codec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A field of a message's header that a mail server looks for: those whose number RFC 5322 §3.6 limits, those of the
 * trace, §3.6.7, and those that name recipients whom the others are not to know, §3.6.3, §3.6.6.
 */
public enum HeaderField {
    /** The reverse-path, as final delivery adds it. */
    RETURN_PATH("Return-Path"),
    /** One hop. */
    RECEIVED("Received"),
    /** Must stand once. */
    DATE("Date"),
    /** Must stand once. */
    FROM("From"),
    /** May stand once. */
    SENDER("Sender"),
    /** May stand once. */
    REPLY_TO("Reply-To"),
    /** May stand once. */
    TO("To"),
    /** May stand once. */
    CC("Cc"),
    /** May stand once. */
    BCC("Bcc"),
    /** As Bcc, of a message that is sent anew. */
    RESENT_BCC("Resent-Bcc"),
    /** Should stand once. */
    MESSAGE_ID("Message-ID"),
    /** May stand once. */
    IN_REPLY_TO("In-Reply-To"),
    /** May stand once. */
    REFERENCES("References"),
    /** May stand once. */
    SUBJECT("Subject");

    /** The octets of the longest name. */
    static final int MAX_NAME = 11;

    private static final HeaderField[] ALL = values();

    private final String text;
    private final byte[] lowerCase;

    HeaderField(String text) {
        this.text = text;
        // Names are ASCII letters and hyphens: with this bit set both are themselves in lower case.
        this.lowerCase = text.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < lowerCase.length; i++) {
            lowerCase[i] |= 0x20;
        }
    }

    /** The name as RFC 5322 writes it; case does not matter in a message. */
    public String text() {
        return text;
    }

    static HeaderField at(int ordinal) {
        return ALL[ordinal];
    }

    /** The field of that name, with ASCII letters in lower case; null if it is none of these. */
    static @Nullable HeaderField of(byte[] name, int octets) {
        for (HeaderField field : ALL) {
            if (field.lowerCase.length == octets && Arrays.equals(field.lowerCase, 0, octets, name, 0, octets)) {
                return field;
            }
        }
        return null;
    }
}

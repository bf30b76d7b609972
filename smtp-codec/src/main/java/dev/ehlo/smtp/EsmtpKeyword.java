package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The ESMTP parameters that are known here by name, each with the command it stands on and the extension that brings
 * it. RFC 5321 §4.1.1.11.
 */
public enum EsmtpKeyword {
    /** Octets of the message, as the client counts them. RFC 1870 §4. */
    SIZE("SIZE", Extension.SIZE, Place.MAIL),
    /** What the content is made of. RFC 6152 §3, RFC 3030 §3. */
    BODY("BODY", Extension.EIGHTBITMIME, Place.MAIL),
    /** Addresses or header in UTF-8. RFC 6531 §3.4. */
    SMTPUTF8("SMTPUTF8", Extension.SMTPUTF8, Place.MAIL),
    /** To be relayed under verified TLS or not at all. RFC 8689 §2. */
    REQUIRETLS("REQUIRETLS", Extension.REQUIRETLS, Place.MAIL),
    /** How much of the message a report returns. RFC 3461 §4.3. */
    RET("RET", Extension.DSN, Place.MAIL),
    /** The sender's name for this envelope. RFC 3461 §4.4. */
    ENVID("ENVID", Extension.DSN, Place.MAIL),
    /** Who submitted the message first. RFC 4954 §5. */
    AUTH("AUTH", Extension.AUTH, Place.MAIL),
    /** Seconds to hold the message. RFC 4865 §3. */
    HOLDFOR("HOLDFOR", Extension.FUTURERELEASE, Place.MAIL),
    /** Until when to hold the message. RFC 4865 §3. */
    HOLDUNTIL("HOLDUNTIL", Extension.FUTURERELEASE, Place.MAIL),
    /** Until when the message has to arrive. RFC 2852 §4. */
    BY("BY", Extension.DELIVERBY, Place.MAIL),
    /** The message's priority. RFC 6710 §3. */
    MT_PRIORITY("MT-PRIORITY", Extension.MT_PRIORITY, Place.MAIL),
    /** When to report on this recipient. RFC 3461 §4.1. */
    NOTIFY("NOTIFY", Extension.DSN, Place.RCPT),
    /** The recipient as it was first named. RFC 3461 §4.2. */
    ORCPT("ORCPT", Extension.DSN, Place.RCPT),
    /** Since when the recipient has to have had this mailbox. RFC 7293 §3.1. */
    RRVS("RRVS", Extension.RRVS, Place.RCPT);

    private static final Map<String, EsmtpKeyword> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(k -> Octets.lowerAscii(k.wire), Function.identity()));

    private enum Place {
        MAIL,
        RCPT
    }

    private final String wire;
    private final Extension extension;
    private final Place place;

    EsmtpKeyword(String wire, Extension extension, Place place) {
        this.wire = wire;
        this.extension = extension;
        this.place = place;
    }

    /** The keyword of that name, compared without regard to the case of A to Z; empty if it is not known. */
    public static Optional<EsmtpKeyword> find(String name) {
        return Optional.ofNullable(BY_NAME.get(Octets.lowerAscii(name)));
    }

    /** The keyword as it stands on the wire: {@code MT-PRIORITY}. */
    public String wire() {
        return wire;
    }

    /** What EHLO lists where the parameter may be used: {@link Extension#DSN} for {@link #RET}. */
    public Extension extension() {
        return extension;
    }

    /** Whether it stands on MAIL; otherwise it stands on RCPT. */
    public boolean isOfMail() {
        return place == Place.MAIL;
    }

    /** Whether a parameter of this keyword may have that value; null for none. */
    public boolean takes(@Nullable String value) {
        long number = ParameterGrammar.value(this, value);
        return number != ParameterGrammar.MALFORMED && number != ParameterGrammar.UNKNOWN;
    }
}

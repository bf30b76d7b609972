package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.util.Optional;

/**
 * The SMTP service extensions that have been registered, with the keyword by which EHLO lists each and the document
 * that defines it. RFC 5321 §2.2.2.
 */
public enum Extension {
    /** Authenticated TURN. RFC 2645. */
    ATRN("ATRN", "RFC 2645"),
    /** Authentication. RFC 4954. */
    AUTH("AUTH", "RFC 4954"),
    /** Binary content, by BDAT. RFC 3030. */
    BINARYMIME("BINARYMIME", "RFC 3030"),
    /** Content by IMAP URL. RFC 4468. */
    BURL("BURL", "RFC 4468"),
    /** Checkpoint and restart. RFC 1845. */
    CHECKPOINT("CHECKPOINT", "RFC 1845"),
    /** Content in chunks. RFC 3030. */
    CHUNKING("CHUNKING", "RFC 3030"),
    /** Content negotiation. RFC 4141. */
    CONNEG("CONNEG", "RFC 4141"),
    /** Content conversion permission. RFC 4141. */
    CONPERM("CONPERM", "RFC 4141"),
    /** Delivery within a time. RFC 2852. */
    DELIVERBY("DELIVERBY", "RFC 2852"),
    /** Delivery status notifications. RFC 3461. */
    DSN("DSN", "RFC 3461"),
    /** Content of eight bits. RFC 6152. */
    EIGHTBITMIME("8BITMIME", "RFC 6152"),
    /** Enhanced status codes. RFC 2034. */
    ENHANCEDSTATUSCODES("ENHANCEDSTATUSCODES", "RFC 2034"),
    /** Remote queue processing. RFC 1985. */
    ETRN("ETRN", "RFC 1985"),
    /** Expand a mailing list. RFC 5321. */
    EXPN("EXPN", "RFC 5321"),
    /** Release at a later time. RFC 4865. */
    FUTURERELEASE("FUTURERELEASE", "RFC 4865"),
    /** Help. RFC 5321. */
    HELP("HELP", "RFC 5321"),
    /** Limits of the server. RFC 9422. */
    LIMITS("LIMITS", "RFC 9422"),
    /** Priority of a message. RFC 6710. */
    MT_PRIORITY("MT-PRIORITY", "RFC 6710"),
    /** Message tracking. RFC 3885. */
    MTRK("MTRK", "RFC 3885"),
    /** Refusal of solicitations. RFC 3865. */
    NO_SOLICITING("NO-SOLICITING", "RFC 3865"),
    /** One transaction only. IANA. */
    ONEX("ONEX", "IANA"),
    /** Command pipelining. RFC 2920. */
    PIPELINING("PIPELINING", "RFC 2920"),
    /** Relay under TLS only. RFC 8689. */
    REQUIRETLS("REQUIRETLS", "RFC 8689"),
    /** Recipient valid since. RFC 7293. */
    RRVS("RRVS", "RFC 7293"),
    /** Send as mail and to the terminal. RFC 821. */
    SAML("SAML", "RFC 821"),
    /** Send to the terminal. RFC 821. */
    SEND("SEND", "RFC 821"),
    /** Size of a message. RFC 1870. */
    SIZE("SIZE", "RFC 1870"),
    /** Addresses and header in UTF-8. RFC 6531. */
    SMTPUTF8("SMTPUTF8", "RFC 6531"),
    /** Send as mail or to the terminal. RFC 821. */
    SOML("SOML", "RFC 821"),
    /** Start TLS. RFC 3207. */
    STARTTLS("STARTTLS", "RFC 3207"),
    /** Responsible submitter. RFC 4405. */
    SUBMITTER("SUBMITTER", "RFC 4405"),
    /** Turn the roles. RFC 821. */
    TURN("TURN", "RFC 821"),
    /** Addresses in UTF-8, as first tried. RFC 5336. */
    UTF8SMTP("UTF8SMTP", "RFC 5336"),
    /** Verbose. IANA. */
    VERB("VERB", "IANA");

    private final String keyword;
    private final String source;

    Extension(String keyword, String source) {
        this.keyword = keyword;
        this.source = source;
    }

    /** The extension of that keyword, compared without regard to the case of A to Z; empty if it is not known. */
    public static Optional<Extension> find(String keyword) {
        String name = Octets.lowerAscii(keyword);
        for (Extension each : values()) {
            if (Octets.lowerAscii(each.keyword).equals(name)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** As EHLO lists it: {@code MT-PRIORITY}. */
    public String keyword() {
        return keyword;
    }

    /** The document that defines it: {@code RFC 6710}; {@code IANA} where the registry alone names it. */
    public String source() {
        return source;
    }
}

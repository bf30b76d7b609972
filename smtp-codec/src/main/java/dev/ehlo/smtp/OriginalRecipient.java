package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.Unitext;
import dev.ehlo.smtp.grammar.Xtext;

/**
 * A recipient as the sender first named it, for the reports on it, as ORCPT tells. RFC 3461 §4.2, RFC 6533 §3.
 *
 * @param type of the address: {@code rfc822}, {@code utf-8}, or another that IANA lists, in lower case
 * @param address printable ASCII and spaces; with the type {@code utf-8}, any text without control characters of ASCII,
 *     and not empty. It need not be a mailbox
 */
public record OriginalRecipient(String type, String address) {
    private static final String RFC822 = "rfc822";
    private static final String UTF8 = "utf-8";

    /**
     * Brings the type to lower case and checks both.
     *
     * @throws IllegalArgumentException if they can't be told: a type that is no atom, an address of other characters,
     *     or more than 500 octets when encoded
     */
    public OriginalRecipient {
        type = Octets.lowerAscii(type);
        if (type.indexOf(';') >= 0) {
            throw new IllegalArgumentException("not an address type: " + Octets.printable(type));
        }
        ParameterGrammar.require(EsmtpKeyword.ORCPT, encode(type, address));
    }

    /** That mailbox, of type {@code utf-8} where it is not in ASCII. */
    public static OriginalRecipient of(Mailbox mailbox) {
        return new OriginalRecipient(mailbox.needsUtf8() ? UTF8 : RFC822, mailbox.toString());
    }

    /**
     * The recipient that the value of ORCPT says: {@code rfc822;bob@example.org}.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static OriginalRecipient parse(String text) {
        ParameterGrammar.require(EsmtpKeyword.ORCPT, text);
        int semicolon = text.indexOf(';');
        String type = Octets.lowerAscii(text.substring(0, semicolon));
        String address = text.substring(semicolon + 1);
        return new OriginalRecipient(type, type.equals(UTF8) ? Unitext.decode(address) : Xtext.decode(address));
    }

    /**
     * As on the wire. In ASCII, which any server with DSN takes, unless that would be over 500 octets; then with
     * characters as they are, which only servers with SMTPUTF8 take.
     */
    @Override
    public String toString() {
        return encode(type, address);
    }

    private static String encode(String type, String address) {
        if (!type.equals(UTF8)) {
            return type + ';' + Xtext.encode(address);
        }
        String ascii = type + ';' + Unitext.encodeAscii(address);
        return ascii.length() <= ParameterGrammar.MAX_ORIGINAL_RECIPIENT ? ascii : type + ';' + Unitext.encode(address);
    }
}

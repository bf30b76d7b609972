package dev.ehlo.smtp;

import java.util.Optional;

/**
 * What the last two numbers of an {@linkplain EnhancedStatusCode enhanced status code} stand for, whatever its class
 * is: the registry "Enumerated Status Codes" of RFC 5248, with the words and the
 * document of each entry.
 *
 * <pre>{@code Reply.of(550, EnumeratedStatus.BAD_DESTINATION_MAILBOX.permanent(), "No such user here")}</pre>
 */
public enum EnumeratedStatus {
    UNDEFINED(0, 0, "Other undefined status", "RFC 3463 §3.1"),
    OTHER_ADDRESS(1, 0, "Other address status", "RFC 3463 §3.2"),
    BAD_DESTINATION_MAILBOX(1, 1, "Bad destination mailbox address", "RFC 3463 §3.2"),
    BAD_DESTINATION_SYSTEM(1, 2, "Bad destination system address", "RFC 3463 §3.2"),
    BAD_DESTINATION_SYNTAX(1, 3, "Bad destination mailbox address syntax", "RFC 3463 §3.2"),
    AMBIGUOUS_DESTINATION(1, 4, "Destination mailbox address ambiguous", "RFC 3463 §3.2"),
    DESTINATION_VALID(1, 5, "Destination address valid", "RFC 3463 §3.2"),
    DESTINATION_MOVED(1, 6, "Destination mailbox has moved, no forwarding address", "RFC 3463 §3.2"),
    BAD_SENDER_SYNTAX(1, 7, "Bad sender's mailbox address syntax", "RFC 3463 §3.2"),
    BAD_SENDER_SYSTEM(1, 8, "Bad sender's system address", "RFC 3463 §3.2"),
    RELAYED_TO_NON_COMPLIANT(1, 9, "Message relayed to non-compliant mailer", "RFC 3886"),
    DESTINATION_NULL_MX(1, 10, "Recipient address has null MX", "RFC 7505"),
    OTHER_MAILBOX(2, 0, "Other or undefined mailbox status", "RFC 3463 §3.3"),
    MAILBOX_DISABLED(2, 1, "Mailbox disabled, not accepting messages", "RFC 3463 §3.3"),
    MAILBOX_FULL(2, 2, "Mailbox full", "RFC 3463 §3.3"),
    MESSAGE_TOO_LONG_FOR_MAILBOX(2, 3, "Message length exceeds administrative limit", "RFC 3463 §3.3"),
    LIST_EXPANSION(2, 4, "Mailing list expansion problem", "RFC 3463 §3.3"),
    OTHER_SYSTEM(3, 0, "Other or undefined mail system status", "RFC 3463 §3.4"),
    SYSTEM_FULL(3, 1, "Mail system full", "RFC 3463 §3.4"),
    SYSTEM_NOT_ACCEPTING(3, 2, "System not accepting network messages", "RFC 3463 §3.4"),
    SYSTEM_NOT_CAPABLE(3, 3, "System not capable of selected features", "RFC 3463 §3.4"),
    MESSAGE_TOO_BIG_FOR_SYSTEM(3, 4, "Message too big for system", "RFC 3463 §3.4"),
    SYSTEM_MISCONFIGURED(3, 5, "System incorrectly configured", "RFC 3463 §3.4"),
    PRIORITY_CHANGED(3, 6, "Requested priority was changed", "RFC 6710"),
    OTHER_NETWORK(4, 0, "Other or undefined network or routing status", "RFC 3463 §3.5"),
    NO_ANSWER(4, 1, "No answer from host", "RFC 3463 §3.5"),
    BAD_CONNECTION(4, 2, "Bad connection", "RFC 3463 §3.5"),
    DIRECTORY_FAILURE(4, 3, "Directory server failure", "RFC 3463 §3.5"),
    UNABLE_TO_ROUTE(4, 4, "Unable to route", "RFC 3463 §3.5"),
    CONGESTION(4, 5, "Mail system congestion", "RFC 3463 §3.5"),
    ROUTING_LOOP(4, 6, "Routing loop detected", "RFC 3463 §3.5"),
    DELIVERY_TIME_EXPIRED(4, 7, "Delivery time expired", "RFC 3463 §3.5"),
    OTHER_PROTOCOL(5, 0, "Other or undefined protocol status", "RFC 3463 §3.6"),
    INVALID_COMMAND(5, 1, "Invalid command", "RFC 3463 §3.6"),
    SYNTAX_ERROR(5, 2, "Syntax error", "RFC 3463 §3.6"),
    TOO_MANY_RECIPIENTS(5, 3, "Too many recipients", "RFC 3463 §3.6"),
    INVALID_ARGUMENTS(5, 4, "Invalid command arguments", "RFC 3463 §3.6"),
    WRONG_PROTOCOL_VERSION(5, 5, "Wrong protocol version", "RFC 3463 §3.6"),
    AUTH_LINE_TOO_LONG(5, 6, "Authentication exchange line is too long", "RFC 4954 §6"),
    OTHER_MEDIA(6, 0, "Other or undefined media error", "RFC 3463 §3.7"),
    MEDIA_NOT_SUPPORTED(6, 1, "Media not supported", "RFC 3463 §3.7"),
    CONVERSION_PROHIBITED(6, 2, "Conversion required and prohibited", "RFC 3463 §3.7"),
    CONVERSION_NOT_SUPPORTED(6, 3, "Conversion required but not supported", "RFC 3463 §3.7"),
    CONVERSION_WITH_LOSS(6, 4, "Conversion with loss performed", "RFC 3463 §3.7"),
    CONVERSION_FAILED(6, 5, "Conversion failed", "RFC 3463 §3.7"),
    CONTENT_NOT_AVAILABLE(6, 6, "Message content not available", "RFC 4468"),
    NON_ASCII_ADDRESS(6, 7, "Non-ASCII addresses not permitted for that sender or recipient", "RFC 6531"),
    UTF8_REPLY_NOT_PERMITTED(6, 8, "UTF-8 string reply is required, but not permitted by the client", "RFC 6531"),
    UTF8_HEADER_NOT_TRANSFERABLE(
            6, 9, "Message with UTF-8 header cannot be transferred to one or more recipients", "RFC 6531"),
    UTF8_REPLY_DUPLICATE(6, 10, "Duplicate of 6.8, deprecated", "RFC 6531"),
    BARE_NEWLINE(6, 11, "Content holds a bare CR or LF", "in use, Exchange Online first; not of an RFC"),
    OTHER_SECURITY(7, 0, "Other or undefined security status", "RFC 3463 §3.8"),
    NOT_AUTHORIZED(7, 1, "Delivery not authorized, message refused", "RFC 3463 §3.8"),
    LIST_EXPANSION_PROHIBITED(7, 2, "Mailing list expansion prohibited", "RFC 3463 §3.8"),
    SECURITY_CONVERSION(7, 3, "Security conversion required but not possible", "RFC 3463 §3.8"),
    SECURITY_NOT_SUPPORTED(7, 4, "Security features not supported", "RFC 3463 §3.8"),
    CRYPTOGRAPHIC_FAILURE(7, 5, "Cryptographic failure", "RFC 3463 §3.8"),
    ALGORITHM_NOT_SUPPORTED(7, 6, "Cryptographic algorithm not supported", "RFC 3463 §3.8"),
    INTEGRITY_FAILURE(7, 7, "Message integrity failure", "RFC 3463 §3.8"),
    BAD_CREDENTIALS(7, 8, "Authentication credentials invalid", "RFC 4954 §6"),
    MECHANISM_TOO_WEAK(7, 9, "Authentication mechanism is too weak", "RFC 4954 §6"),
    ENCRYPTION_NEEDED(7, 10, "Encryption needed", "RFC 5248"),
    ENCRYPTION_FOR_MECHANISM(7, 11, "Encryption required for requested authentication mechanism", "RFC 4954 §6"),
    PASSWORD_TRANSITION(7, 12, "A password transition is needed", "RFC 4954 §6"),
    ACCOUNT_DISABLED(7, 13, "User account disabled", "RFC 5248"),
    TRUST_REQUIRED(7, 14, "Trust relationship required", "RFC 5248"),
    PRIORITY_TOO_LOW(7, 15, "Priority level is too low", "RFC 6710"),
    TOO_BIG_FOR_PRIORITY(7, 16, "Message is too big for the specified priority", "RFC 6710"),
    MAILBOX_OWNER_CHANGED(7, 17, "Mailbox owner has changed", "RFC 7293"),
    DOMAIN_OWNER_CHANGED(7, 18, "Domain owner has changed", "RFC 7293"),
    RRVS_NOT_COMPLETED(7, 19, "RRVS test cannot be completed", "RFC 7293"),
    NO_PASSING_DKIM(7, 20, "No passing DKIM signature found", "RFC 7372"),
    NO_ACCEPTABLE_DKIM(7, 21, "No acceptable DKIM signature found", "RFC 7372"),
    NO_AUTHOR_DKIM(7, 22, "No valid author-matched DKIM signature found", "RFC 7372"),
    SPF_FAILED(7, 23, "SPF validation failed", "RFC 7372"),
    SPF_ERROR(7, 24, "SPF validation error", "RFC 7372"),
    REVERSE_DNS_FAILED(7, 25, "Reverse DNS validation failed", "RFC 7372"),
    MULTIPLE_CHECKS_FAILED(7, 26, "Multiple authentication checks failed", "RFC 7372"),
    SENDER_NULL_MX(7, 27, "Sender address has null MX", "RFC 7505"),
    MAIL_FLOOD(7, 28, "Mail flood detected", "IANA registry of RFC 5248"),
    ARC_FAILURE(7, 29, "ARC validation failure", "RFC 8617"),
    REQUIRETLS_NEEDED(7, 30, "REQUIRETLS support required", "RFC 8689");

    private final int subject;
    private final int detail;
    private final String description;
    private final String source;

    EnumeratedStatus(int subject, int detail, String description, String source) {
        this.subject = subject;
        this.detail = detail;
        this.description = description;
        this.source = source;
    }

    /** The entry of these two numbers; empty if there is none. */
    public static Optional<EnumeratedStatus> find(int subject, int detail) {
        for (EnumeratedStatus each : values()) {
            if (each.subject == subject && each.detail == detail) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** 1 of {@code X.1.10}. */
    public int subject() {
        return subject;
    }

    /** 10 of {@code X.1.10}. */
    public int detail() {
        return detail;
    }

    /** In a few words, in English. */
    public String description() {
        return description;
    }

    /** The document that defines it: {@code RFC 3463 §3.2}. */
    public String source() {
        return source;
    }

    /** As success: {@code 2.1.5}. */
    public EnhancedStatusCode success() {
        return new EnhancedStatusCode(2, subject, detail);
    }

    /** As a failure that may pass: {@code 4.2.2}. */
    public EnhancedStatusCode temporary() {
        return new EnhancedStatusCode(4, subject, detail);
    }

    /** As a failure that stays: {@code 5.1.1}. */
    public EnhancedStatusCode permanent() {
        return new EnhancedStatusCode(5, subject, detail);
    }
}

package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Mailbox;
import java.util.List;
import java.util.Optional;

/**
 * The addresses in a header field, such as From and To: what they say, without regard to how they are written. RFC 5322
 * §3.4.
 */
public final class AddressList {
    /** Characters of a field's value, folds and comments among them. */
    public static final int MAX_TEXT = 16 * 1024;
    /** Mailboxes of one list. */
    public static final int MAX_MAILBOXES = 1000;

    private AddressList() {}

    /**
     * The mailboxes in a field's value, in their order, those of groups among them (RFC 6854 §2.1 allows groups in From,
     * too). Display names, comments and routes say nothing of where mail goes, and are passed over, encoded words with
     * them. What RFC 5322 §4.4 wants taken is taken: routes, empty elements, blanks and comments around each dot.
     *
     * <p>Empty where it is not sure what is meant, and a reader might take for the address what another does not: a quote,
     * bracket or comment that does not end, an address without a domain, a control character, a word between two
     * addresses, a mailbox that SMTP could not carry. The list is empty where nothing is said, or groups have no members.
     *
     * @param text what stands behind the colon of the field, with its line ends or without
     */
    public static Optional<List<Mailbox>> mailboxes(String text) {
        return text.length() > MAX_TEXT ? Optional.empty() : new AddressText(text).read();
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.AddressList;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose a message is by its header. RFC 5322 §3.6.2. */
record Authors(List<Mailbox> from, Optional<Mailbox> sender) {
    /** The authors in a header that is whole; null where it is not sure who they are. */
    static @Nullable Authors of(HeaderWatcher watcher, ReversePath reversePath) {
        HeaderScanner header = watcher.header();
        if (header.count(HeaderField.FROM) > 1 || header.count(HeaderField.SENDER) > 1) {
            return null;
        }
        List<Mailbox> from = header.count(HeaderField.FROM) == 0 ? added(reversePath) : mailboxes(watcher.from());
        boolean hasSender = header.count(HeaderField.SENDER) > 0;
        List<Mailbox> sender = hasSender ? mailboxes(watcher.sender()) : List.of();
        return from.isEmpty() || hasSender && sender.size() != 1
                ? null
                : new Authors(from, sender.stream().findFirst());
    }

    /** What stands in the field that is added where there is none. */
    private static List<Mailbox> added(ReversePath reversePath) {
        return Optional.ofNullable(reversePath.mailbox()).stream().toList();
    }

    private static List<Mailbox> mailboxes(FieldText field) {
        return field.isTooLong()
                ? List.of()
                : AddressList.mailboxes(field.value()).orElse(List.of());
    }
}

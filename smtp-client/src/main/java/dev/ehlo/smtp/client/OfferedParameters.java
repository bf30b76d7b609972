package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Capabilities;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which parameters go with MAIL and RCPT to a server that offers these extensions. A parameter that it does not know is
 * left out where mail can do without it, and otherwise the reason to refuse. RFC 5321 §4.1.1.11.
 */
final class OfferedParameters {
    private static final String UTF8 = "SMTPUTF8";
    private static final String EIGHT_BIT = "8BITMIME";

    /** The extension that brings a parameter, where it has another name. */
    private static final Map<String, String> EXTENSIONS = Map.of(
            "BODY",
            EIGHT_BIT,
            "RET",
            "DSN",
            "ENVID",
            "DSN",
            "ORCPT",
            "DSN",
            "NOTIFY",
            "DSN",
            "BY",
            "DELIVERBY",
            "HOLDFOR",
            "FUTURERELEASE",
            "HOLDUNTIL",
            "FUTURERELEASE");

    /**
     * Those without which the message still arrives as it was: RFC 1870 §6; 8-bit content, which servers take
     * whether they say so or not; the requests for reports of RFC 3461 §5.2.2; RFC 4954 §5; a priority.
     */
    private static final Set<String> DISPENSABLE =
            Set.of("SIZE", "BODY", "RET", "ENVID", "ORCPT", "NOTIFY", "AUTH", "MT-PRIORITY");

    private final Capabilities capabilities;

    OfferedParameters(Capabilities capabilities) {
        this.capabilities = capabilities;
    }

    /** Why a message of this envelope and of that many octets can't go to the server. */
    Optional<Reply> mailRefusal(Envelope envelope, long octets) {
        if (octets > capabilities.maxMessageOctets()) {
            return Optional.of(Reply.quoting(
                    552,
                    "5.3.4",
                    "message of " + octets + " octets is over the server's limit of "
                            + capabilities.maxMessageOctets()));
        }
        if (envelope.parameters()
                .find("BODY")
                .filter(b -> "BINARYMIME".equalsIgnoreCase(b.value()))
                .isPresent()) {
            return Optional.of(Reply.quoting(554, "5.6.3", "binary content can't be sent by DATA"));
        }
        Mailbox sender = envelope.reversePath().mailbox();
        return sender != null && lacksUtf8(sender) ? Optional.of(noUtf8()) : unknown(envelope.parameters());
    }

    /** Why that recipient can't be named to the server. */
    Optional<Reply> rcptRefusal(Recipient recipient) {
        return lacksUtf8(recipient.mailbox()) ? Optional.of(noUtf8()) : unknown(recipient.parameters());
    }

    /** The parameters of MAIL. RFC 1870 §6, RFC 6152 §3, RFC 6531 §3.4. */
    EsmtpParameters mail(Envelope envelope, long octets, boolean eightBit) {
        EsmtpParameters offered = rcpt(envelope.parameters().without("SIZE"));
        if (capabilities.has("SIZE")) {
            offered = offered.with(new EsmtpParameter("SIZE", Long.toString(octets)));
        }
        if (eightBit && capabilities.has(EIGHT_BIT) && offered.find("BODY").isEmpty()) {
            offered = offered.with(new EsmtpParameter("BODY", EIGHT_BIT));
        }
        Mailbox sender = envelope.reversePath().mailbox();
        boolean needsUtf8 = sender != null && sender.needsUtf8()
                || envelope.recipients().stream().anyMatch(r -> r.mailbox().needsUtf8());
        if (needsUtf8 && capabilities.has(UTF8) && offered.find(UTF8).isEmpty()) {
            offered = offered.with(new EsmtpParameter(UTF8, null));
        }
        return offered;
    }

    /** The parameters of RCPT: those that are offered. */
    EsmtpParameters rcpt(EsmtpParameters asked) {
        if (asked.list().stream().allMatch(this::isOffered)) {
            return asked;
        }
        List<EsmtpParameter> offered = new ArrayList<>(asked.list());
        offered.removeIf(p -> !isOffered(p));
        return new EsmtpParameters(offered);
    }

    private Optional<Reply> unknown(EsmtpParameters parameters) {
        for (EsmtpParameter each : parameters.list()) {
            if (!isOffered(each) && !DISPENSABLE.contains(each.keyword())) {
                return Optional.of(
                        each.keyword().equals(UTF8)
                                ? noUtf8()
                                : Reply.quoting(555, "5.5.4", "the server does not offer " + each.keyword()));
            }
        }
        return Optional.empty();
    }

    private boolean isOffered(EsmtpParameter parameter) {
        return capabilities.has(EXTENSIONS.getOrDefault(parameter.keyword(), parameter.keyword()));
    }

    private boolean lacksUtf8(Mailbox mailbox) {
        return mailbox.needsUtf8() && !capabilities.has(UTF8);
    }

    private static Reply noUtf8() {
        return Reply.quoting(553, "5.6.7", "the server does not offer SMTPUTF8");
    }
}

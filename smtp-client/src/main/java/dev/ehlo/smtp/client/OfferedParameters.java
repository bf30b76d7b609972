package dev.ehlo.smtp.client;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DeliverBy;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.Capabilities;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which parameters go with MAIL and RCPT to a server that offers these extensions. A parameter that it does not know is
 * left out where mail can do without it, and otherwise the reason to refuse. RFC 5321 §4.1.1.11.
 */
final class OfferedParameters {
    private static final EsmtpParameter BINARY = EsmtpParameter.body(BodyType.BINARY_MIME);
    private static final String UTF8 = "SMTPUTF8";
    private static final String EIGHT_BIT = "8BITMIME";

    /** RFC 8689 §4.2.1. */
    static final Reply NO_REQUIRETLS = Reply.of(550, "5.7.30", "REQUIRETLS support required");

    /**
     * Those without which the message still arrives as it was: RFC 1870 §6; 8-bit content, which servers take
     * whether they say so or not; the requests for reports of RFC 3461 §5.2.2; RFC 4954 §5; a priority. BY where
     * {@link #mailRefusal} lets it, and REQUIRETLS where the session does.
     */
    private static final Set<EsmtpKeyword> DISPENSABLE = EnumSet.of(
            EsmtpKeyword.SIZE,
            EsmtpKeyword.BODY,
            EsmtpKeyword.RET,
            EsmtpKeyword.ENVID,
            EsmtpKeyword.ORCPT,
            EsmtpKeyword.NOTIFY,
            EsmtpKeyword.AUTH,
            EsmtpKeyword.BY,
            EsmtpKeyword.REQUIRETLS,
            EsmtpKeyword.MT_PRIORITY);

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
        EsmtpParameters parameters = envelope.parameters();
        if (isBinary(envelope) && !(capabilities.has(Extension.CHUNKING) && capabilities.has(Extension.BINARYMIME))) {
            return Optional.of(Reply.quoting(554, "5.6.3", "the server does not offer BINARYMIME and CHUNKING"));
        }
        Mailbox sender = envelope.reversePath().mailbox();
        if (sender != null && lacksUtf8(sender)) {
            return Optional.of(noUtf8());
        }
        DeliverBy by = parameters.deliverBy().orElse(null);
        if (by != null && by.mode() == DeliverBy.Mode.RETURN) {
            Optional<Reply> refusal = notInTime(by);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return unknown(parameters);
    }

    /** Who can't promise to return it in time, or needs more time than is left, does not get it. RFC 2852. */
    private Optional<Reply> notInTime(DeliverBy by) {
        if (!capabilities.has(Extension.DELIVERBY)) {
            return Optional.of(Reply.quoting(
                    554, "5.3.3", "the server does not offer DELIVERBY, and the message is to be returned when late"));
        }
        return capabilities
                .deliverByMinimum()
                .filter(least -> by.within().compareTo(least) < 0)
                .map(least -> Reply.quoting(
                        554, "5.4.7", "the server does not deliver within less than " + least.toSeconds() + " s"));
    }

    /** Whether the content goes in a chunk, octet for octet. RFC 3030 §3. */
    static boolean isBinary(Envelope envelope) {
        return envelope.parameters().isBinary();
    }

    /** A notification goes on without, rather than be lost. RFC 8689 §4.2.1, §5. */
    static boolean requiresTls(Envelope envelope) {
        return envelope.parameters().has(EsmtpKeyword.REQUIRETLS)
                && !envelope.reversePath().isNull();
    }

    /** Why that recipient can't be named to the server. */
    Optional<Reply> rcptRefusal(Recipient recipient) {
        return lacksUtf8(recipient.mailbox()) ? Optional.of(noUtf8()) : unknown(recipient.parameters());
    }

    /**
     * The parameters of MAIL. Looks through the content only where 8BITMIME is offered and the sender has not said what
     * it is. RFC 1870 §6, RFC 6152 §3, RFC 6531 §3.4.
     */
    EsmtpParameters mail(Envelope envelope, Content content) throws IOException {
        EsmtpParameters offered = rcpt(envelope.parameters().without(EsmtpKeyword.SIZE));
        if (capabilities.has("SIZE")) {
            offered = offered.with(EsmtpParameter.size(content.octets()));
        }
        if (capabilities.has(EIGHT_BIT) && !offered.has(EsmtpKeyword.BODY) && content.hasEightBit()) {
            offered = offered.with(EsmtpParameter.body(BodyType.EIGHT_BIT_MIME));
        }
        Mailbox sender = envelope.reversePath().mailbox();
        boolean needsUtf8 = sender != null && sender.needsUtf8()
                || envelope.recipients().stream().anyMatch(r -> r.mailbox().needsUtf8());
        if (needsUtf8 && capabilities.has(UTF8) && !offered.has(EsmtpKeyword.SMTPUTF8)) {
            offered = offered.with(EsmtpParameter.smtpUtf8());
        }
        return offered;
    }

    /** The parameters of RCPT: those that are offered. */
    EsmtpParameters rcpt(EsmtpParameters asked) {
        List<EsmtpParameter> offered = new ArrayList<>();
        for (EsmtpParameter each : asked.list()) {
            if (isOffered(each)) {
                inOfferedCharacters(each).ifPresent(offered::add);
            }
        }
        return new EsmtpParameters(offered);
    }

    /** ORCPT has a form in ASCII for servers without SMTPUTF8, but for very long addresses. RFC 6533 §3. */
    private Optional<EsmtpParameter> inOfferedCharacters(EsmtpParameter parameter) {
        if (!parameter.keyword().equals(EsmtpKeyword.ORCPT.wire()) || capabilities.has(UTF8) || isAscii(parameter)) {
            return Optional.of(parameter);
        }
        return new EsmtpParameters(List.of(parameter))
                .originalRecipient()
                .map(EsmtpParameter::originalRecipient)
                .filter(OfferedParameters::isAscii);
    }

    private static boolean isAscii(EsmtpParameter parameter) {
        return parameter.toString().chars().allMatch(c -> c < 0x80);
    }

    private Optional<Reply> unknown(EsmtpParameters parameters) {
        for (EsmtpParameter each : parameters.list()) {
            if (!isOffered(each) && !isDispensable(each)) {
                return Optional.of(
                        each.keyword().equals(UTF8)
                                ? noUtf8()
                                : Reply.quoting(555, "5.5.4", "the server does not offer " + each.keyword()));
            }
        }
        return Optional.empty();
    }

    private boolean isOffered(EsmtpParameter parameter) {
        if (parameter.toString().equalsIgnoreCase(BINARY.toString())) {
            return capabilities.has(Extension.BINARYMIME);
        }
        return EsmtpKeyword.find(parameter.keyword())
                .map(keyword -> capabilities.has(keyword.extension()))
                .orElseGet(() -> capabilities.has(parameter.keyword()));
    }

    private static boolean isDispensable(EsmtpParameter parameter) {
        return EsmtpKeyword.find(parameter.keyword())
                .filter(DISPENSABLE::contains)
                .isPresent();
    }

    private boolean lacksUtf8(Mailbox mailbox) {
        return mailbox.needsUtf8() && !capabilities.has(UTF8);
    }

    private static Reply noUtf8() {
        return Reply.quoting(553, "5.6.7", "the server does not offer SMTPUTF8");
    }
}

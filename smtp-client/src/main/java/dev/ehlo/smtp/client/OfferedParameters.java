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
import dev.ehlo.smtp.codec.CommandEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which parameters go with MAIL and RCPT to a server that offers these extensions. A parameter that it does not know is
 * left out where mail can do without it, and otherwise the reason to refuse. RFC 5321 §4.1.1.11.
 */
final class OfferedParameters {
    private static final EsmtpParameter BINARY = EsmtpParameter.body(BodyType.BINARY_MIME);
    private static final String UTF8 = "SMTPUTF8";

    private static final Reply NO_UTF8 = Reply.of(553, "5.6.7", "the server does not offer SMTPUTF8");
    private static final Reply NO_BINARYMIME =
            Reply.of(554, "5.6.3", "the server does not offer BINARYMIME and CHUNKING");
    private static final Reply NO_EIGHTBITMIME =
            Reply.of(554, "5.6.3", "the server does not offer 8BITMIME, and the content is not ASCII");
    private static final Reply HELD_TOO_LONG = Reply.of(501, "5.5.4", "the server does not hold a message for so long");

    /** RFC 8689 §4.2.1. */
    static final Reply NO_REQUIRETLS = Reply.of(550, "5.7.30", "REQUIRETLS support required");

    /**
     * Those without which the message still arrives as it was: RFC 1870 §6; the requests for reports of RFC 3461
     * §5.2.2; RFC 4954 §5; a priority. BODY and BY where {@link #mailRefusal} lets it, and REQUIRETLS where the session
     * does.
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
    private final long maxOctets;
    private final boolean size;
    private final boolean eightBit;
    private final boolean binary;
    private final boolean utf8;

    OfferedParameters(Capabilities capabilities) {
        this.capabilities = capabilities;
        this.maxOctets = capabilities.maxMessageOctets();
        this.size = capabilities.has(Extension.SIZE);
        this.eightBit = capabilities.has(Extension.EIGHTBITMIME);
        this.binary = capabilities.has(Extension.CHUNKING) && capabilities.has(Extension.BINARYMIME);
        this.utf8 = capabilities.has(UTF8);
    }

    /**
     * Why a message of this envelope and content can't go to the server; null if it can. RFC 1870 §6.
     *
     * @throws IOException if the content has to be looked at, and can't be read
     */
    @Nullable
    Reply mailRefusal(Envelope envelope, Content content, ContentBlocks blocks) throws IOException {
        long octets = content.octets();
        if (octets > maxOctets) {
            return Reply.quoting(
                    552, "5.3.4", "message of " + octets + " octets is over the server's limit of " + maxOctets);
        }
        Mailbox sender = envelope.reversePath().mailbox();
        if (sender != null && lacksUtf8(sender)) {
            return NO_UTF8;
        }
        if (isBinary(envelope) ? !binary : !eightBit && isEightBit(envelope, content, blocks)) {
            // RFC 6152 §3: it may not be sent as it is, and to make 7-bit MIME of it is not for who relays.
            return isBinary(envelope) ? NO_BINARYMIME : NO_EIGHTBITMIME;
        }
        EsmtpParameters parameters = envelope.parameters();
        return parameters.list().isEmpty() ? null : parameterRefusal(parameters);
    }

    private @Nullable Reply parameterRefusal(EsmtpParameters parameters) {
        DeliverBy by = parameters.deliverBy().orElse(null);
        Reply late = by != null && by.mode() == DeliverBy.Mode.RETURN ? notInTime(by) : null;
        if (late != null) {
            return late;
        }
        Reply unknown = unknown(parameters);
        return unknown != null ? unknown : isHeldTooLong(parameters) ? HELD_TOO_LONG : null;
    }

    /** Who can't promise to return it in time, or needs more time than is left, does not get it. RFC 2852. */
    private @Nullable Reply notInTime(DeliverBy by) {
        if (!capabilities.has(Extension.DELIVERBY)) {
            return Reply.quoting(
                    554, "5.3.3", "the server does not offer DELIVERBY, and the message is to be returned when late");
        }
        return capabilities
                .deliverByMinimum()
                .filter(least -> by.within().compareTo(least) < 0)
                .map(least -> Reply.quoting(
                        554, "5.4.7", "the server does not deliver within less than " + least.toSeconds() + " s"))
                .orElse(null);
    }

    /** RFC 4865 §3: no more may be asked for than the server told. */
    private boolean isHeldTooLong(EsmtpParameters parameters) {
        Duration held = parameters.holdFor().orElse(null);
        Instant until = parameters.holdUntil().orElse(null);
        return held != null
                        && capabilities
                                .maxHold()
                                .filter(most -> held.compareTo(most) > 0)
                                .isPresent()
                || until != null
                        && capabilities.maxHoldUntil().filter(until::isAfter).isPresent();
    }

    /** Whether the content has octets beyond ASCII, as the sender has said or the content shows. */
    private static boolean isEightBit(Envelope envelope, Content content, ContentBlocks blocks) throws IOException {
        BodyType told = envelope.parameters().body().orElse(null);
        if (told == BodyType.SEVEN_BIT) {
            return false;
        }
        return told != null && !content.isKnown() || content.hasEightBit(blocks);
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

    /** Why that recipient can't be named to the server; null if he can. */
    @Nullable
    Reply rcptRefusal(Recipient recipient) {
        return lacksUtf8(recipient.mailbox()) ? NO_UTF8 : unknown(recipient.parameters());
    }

    /**
     * RCPT, with those parameters that are offered.
     *
     * @throws IllegalArgumentException if it can't stand on the wire
     * @throws java.nio.BufferOverflowException if there is no room
     */
    void putRcpt(ByteBuffer out, Recipient recipient) {
        CommandEncoder.rcpt(out, recipient, offered(recipient.parameters()));
    }

    /**
     * MAIL, with those parameters.
     *
     * @param parameters what {@link #mail} said
     * @throws IllegalArgumentException if it can't stand on the wire
     * @throws java.nio.BufferOverflowException if there is no room
     */
    static void putMail(ByteBuffer out, Envelope envelope, String parameters) {
        CommandEncoder.line(out, "MAIL FROM:<" + envelope.reversePath() + '>' + parameters);
    }

    /**
     * The parameters of MAIL as they stand in the line. Looks through the content only where 8BITMIME is offered and the
     * sender has not said what it is. RFC 1870 §6, RFC 6152 §3, RFC 6531 §3.4.
     */
    String mail(Envelope envelope, Content content, ContentBlocks blocks) throws IOException {
        EsmtpParameters asked = envelope.parameters();
        StringBuilder line = new StringBuilder();
        for (EsmtpParameter each : offered(asked).list()) {
            if (!each.keyword().equals(EsmtpKeyword.SIZE.wire())) {
                line.append(' ').append(each);
            }
        }
        if (size) {
            line.append(" SIZE=").append(content.octets());
        }
        if (eightBit && !asked.has(EsmtpKeyword.BODY) && content.hasEightBit(blocks)) {
            line.append(" BODY=8BITMIME");
        }
        if (utf8 && !asked.has(EsmtpKeyword.SMTPUTF8) && needsUtf8(envelope)) {
            line.append(" SMTPUTF8");
        }
        return line.toString();
    }

    private static boolean needsUtf8(Envelope envelope) {
        Mailbox sender = envelope.reversePath().mailbox();
        boolean needs = sender != null && sender.needsUtf8();
        for (int i = 0; !needs && i < envelope.recipients().size(); i++) {
            needs = envelope.recipients().get(i).mailbox().needsUtf8();
        }
        return needs;
    }

    /** Those that are offered. */
    private EsmtpParameters offered(EsmtpParameters asked) {
        if (asked.list().isEmpty()) {
            return asked;
        }
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
        if (!parameter.keyword().equals(EsmtpKeyword.ORCPT.wire()) || utf8 || isAscii(parameter)) {
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

    private @Nullable Reply unknown(EsmtpParameters parameters) {
        for (EsmtpParameter each : parameters.list()) {
            if (!isOffered(each) && !isDispensable(each)) {
                return each.keyword().equals(UTF8)
                        ? NO_UTF8
                        : Reply.quoting(555, "5.5.4", "the server does not offer " + each.keyword());
            }
        }
        return null;
    }

    private boolean isOffered(EsmtpParameter parameter) {
        if (parameter.keyword().equals(BINARY.keyword())
                && BodyType.BINARY_MIME.toString().equalsIgnoreCase(parameter.value())) {
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
        return !utf8 && mailbox.needsUtf8();
    }
}

package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.DsnReturn;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.ReversePath;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a session's properties say of envelopes. All of it is checked, so that what could not stand in a command, or would
 * end one, comes to no wire.
 *
 * @param sender null if the message tells
 */
record EnvelopeOptions(@Nullable ReversePath sender, EsmtpParameters ofMail, EsmtpParameters ofRcpt) {
    /** @throws MessagingException if there is anything in them that can't be sent; the message names the property */
    static EnvelopeOptions of(Options options) throws MessagingException {
        List<EsmtpParameter> mail = new ArrayList<>();
        add(options, "dsn.ret", mail, text -> List.of(EsmtpParameter.dsnReturn(DsnReturn.parse(text))));
        add(options, "submitter", mail, text -> List.of(EsmtpParameter.auth(ReversePath.parse(text))));
        add(options, "mailextension", mail, text -> parameters(text.split(" ", -1)));
        List<EsmtpParameter> rcpt = new ArrayList<>();
        add(options, "dsn.notify", rcpt, text -> parameters(("NOTIFY=" + text).split(" ", -1)));
        String sender = options.text("from").orElse(null);
        try {
            return new EnvelopeOptions(
                    sender == null ? null : path(sender), new EsmtpParameters(mail), new EsmtpParameters(rcpt));
        } catch (IllegalArgumentException e) {
            throw options.wrong(sender == null ? "mailextension" : "from", "can't be sent: " + e.getMessage(), e);
        }
    }

    private static void add(
            Options options, String option, List<EsmtpParameter> to, Function<String, List<EsmtpParameter>> parser)
            throws MessagingException {
        String text = options.text(option).orElse(null);
        if (text != null) {
            try {
                to.addAll(parser.apply(text));
            } catch (IllegalArgumentException e) {
                throw options.wrong(option, "can't be sent: " + e.getMessage(), e);
            }
        }
    }

    private static List<EsmtpParameter> parameters(String... words) {
        List<EsmtpParameter> all = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals >= 0) {
                all.add(new EsmtpParameter(word.substring(0, equals), word.substring(equals + 1)));
            } else if (!word.isEmpty()) {
                all.add(new EsmtpParameter(word, null));
            }
        }
        return all;
    }

    /** With or without its angle brackets. */
    private static ReversePath path(String text) {
        boolean isBracketed = text.startsWith("<") && text.endsWith(">") && text.length() > 1;
        return ReversePath.parse(isBracketed ? text.substring(1, text.length() - 1) : text);
    }

    /**
     * The envelope of a message, as yet without recipients: from who the properties say, or its From field, or else the
     * user of this machine.
     *
     * @throws MessagingException if that is nobody, or no mailbox
     */
    Envelope envelope(Message message, Session session) throws MessagingException {
        return new Envelope(sender != null ? sender : author(message, session), ofMail, List.of());
    }

    private static ReversePath author(Message message, Session session) throws MessagingException {
        Address[] from = message.getFrom();
        Address author = from != null && from.length > 0 ? from[0] : InternetAddress.getLocalAddress(session);
        if (!(author instanceof InternetAddress address)) {
            throw new MessagingException("can't determine local email address");
        }
        try {
            return path(address.getAddress());
        } catch (IllegalArgumentException e) {
            throw new MessagingException("no sender: " + e.getMessage(), e);
        }
    }
}

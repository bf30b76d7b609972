package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.SessionInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Which parameters MAIL and RCPT may have: those of extensions that were offered. RFC 5321 §4.1.1.11. */
final class MailParameters {
    private MailParameters() {}

    /** Why those of MAIL are refused, or null. */
    static @Nullable EncodedReply refusal(EsmtpParameters parameters, Role role, SessionInfo info) {
        if (parameters.list().isEmpty()) {
            return null;
        }
        for (EsmtpParameter parameter : parameters.list()) {
            if (!info.esmtp() || !isOffered(parameter, role, info)) {
                return Replies.UNKNOWN_PARAMETER;
            }
        }
        if (parameters.size().orElse(0) > role.limits().maxMessageOctets()) {
            return Replies.TOO_LARGE;
        }
        if (isHeldTooLong(parameters, role)) {
            return Replies.HELD_TOO_LONG;
        }
        return parameters.isBinary() && !role.offers(Extension.BINARYMIME, info) ? Replies.BAD_BODY : null;
    }

    private static boolean isOffered(EsmtpParameter parameter, Role role, SessionInfo info) {
        EsmtpKeyword keyword = EsmtpKeyword.find(parameter.keyword()).orElse(null);
        // Those that the parser does not know it has let pass as the profile wants: they are the handler's.
        return keyword == null || role.offers(keyword.extension(), info);
    }

    /** RFC 4865 §3: neither the interval nor the date may be beyond those that were told. */
    private static boolean isHeldTooLong(EsmtpParameters parameters, Role role) {
        Duration most = role.limits().maxHold();
        return parameters.holdFor().filter(hold -> hold.compareTo(most) > 0).isPresent()
                || parameters
                        .holdUntil()
                        .filter(until ->
                                until.isAfter(role.server().time().instant().plus(most)))
                        .isPresent();
    }

    /** Whether RCPT has a parameter that was not offered. RFC 3461 §4.1, §4.2. */
    static boolean isUnknown(Command rcpt, Role role, SessionInfo info) {
        return rcpt.hasKnownParameter()
                && (!info.esmtp() || !role.offers(Extension.DSN, info) || rcpt.hasParameter(EsmtpKeyword.RRVS));
    }
}

package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.codec.EncodedReply;
import org.jspecify.annotations.Nullable;

/** Which parameters MAIL may have: those of extensions that were offered. RFC 5321 §4.1.1.11. */
final class MailParameters {
    private MailParameters() {}

    /** Why they are refused, or null. */
    static @Nullable EncodedReply refusal(EsmtpParameters parameters, Role role, boolean esmtp) {
        for (EsmtpParameter parameter : parameters.list()) {
            if (!esmtp || !isOffered(parameter, role)) {
                return Replies.UNKNOWN_PARAMETER;
            }
        }
        if (parameters.size().orElse(0) > role.limits().maxMessageOctets()) {
            return Replies.TOO_LARGE;
        }
        // Binary content comes by BDAT alone. RFC 3030 §3.
        return parameters.body().filter(b -> b == BodyType.BINARY_MIME).isPresent() ? Replies.BAD_BODY : null;
    }

    private static boolean isOffered(EsmtpParameter parameter, Role role) {
        EsmtpKeyword keyword = EsmtpKeyword.find(parameter.keyword()).orElse(null);
        if (keyword == null) {
            // The parser has let it pass as the profile wants: it is the handler's.
            return true;
        }
        return switch (keyword) {
            case AUTH -> role.offersAuth();
            case SMTPUTF8 -> role.offersUtf8();
            case SIZE, BODY -> role.offers(keyword.extension());
            default -> false;
        };
    }
}

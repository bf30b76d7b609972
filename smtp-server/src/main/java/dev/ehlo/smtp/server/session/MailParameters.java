package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.codec.EncodedReply;
import org.jspecify.annotations.Nullable;

/** Which parameters MAIL may have: those of extensions that were offered. RFC 5321 §4.1.1.11. */
final class MailParameters {
    /** RFC 1870 §3: a size has 1 to 20 digits. */
    private static final int MAX_SIZE_DIGITS = 20;

    private MailParameters() {}

    /** Why they are refused, or null. */
    static @Nullable EncodedReply refusal(EsmtpParameters parameters, Role role, boolean esmtp) {
        for (EsmtpParameter parameter : parameters.list()) {
            EncodedReply refusal = esmtp ? refusal(parameter, role) : Replies.UNKNOWN_PARAMETER;
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private static @Nullable EncodedReply refusal(EsmtpParameter parameter, Role role) {
        String value = parameter.value() == null ? "" : parameter.value();
        switch (parameter.keyword()) {
            case "SIZE":
                return role.profile().offers("SIZE")
                        ? size(value, role.limits().maxMessageOctets())
                        : Replies.UNKNOWN_PARAMETER;
            case "BODY":
                if (!role.profile().offers("8BITMIME")) {
                    return Replies.UNKNOWN_PARAMETER;
                }
                // RFC 6152 §3.
                boolean known = value.equalsIgnoreCase("7BIT") || value.equalsIgnoreCase("8BITMIME");
                return known ? null : Replies.BAD_BODY;
            case "AUTH":
                return role.offersAuth() ? null : Replies.UNKNOWN_PARAMETER;
            default:
                return Replies.UNKNOWN_PARAMETER;
        }
    }

    private static @Nullable EncodedReply size(String digits, long max) {
        boolean number = !digits.isEmpty()
                && digits.length() <= MAX_SIZE_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!number) {
            return Replies.BAD_SIZE;
        }
        String significant = digits.replaceFirst("^0+(?=.)", "");
        String limit = Long.toString(max);
        boolean over = significant.length() != limit.length()
                ? significant.length() > limit.length()
                : significant.compareTo(limit) > 0;
        return over ? Replies.TOO_LARGE : null;
    }
}

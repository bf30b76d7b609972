package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.server.Profile;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is done about the headers of a profile's messages, beside the trace field.
 *
 * <p>Where users submit, Bcc and Resent-Bcc go, whose names are not for the other recipients (RFC 6409 §8, RFC 5322 §3.6.3,
 * §3.6.6), and Return-Path goes, which is for final delivery to add (RFC 5321 §4.4); what must be there is added (RFC 6409
 * §8, §8.2, §8.3), and the authors are kept to be looked at. Where mail is delivered, one Return-Path takes the place of
 * any.
 *
 * @param dropped fields that are left out
 * @param completes whether fields that are missing are added, and an empty line behind a header that lacks it: where
 *     readers disagree about its end, one of them would show authors that the other never saw
 * @param keepsAuthors whether From and Sender are collected
 */
record HeaderDuties(Set<HeaderField> dropped, boolean completes, boolean keepsAuthors) {
    static HeaderDuties of(Profile profile) {
        Set<HeaderField> dropped = EnumSet.noneOf(HeaderField.class);
        if (profile.isSubmission()) {
            dropped.addAll(EnumSet.of(HeaderField.BCC, HeaderField.RESENT_BCC, HeaderField.RETURN_PATH));
        }
        if (profile.addsReturnPath()) {
            dropped.add(HeaderField.RETURN_PATH);
        }
        return new HeaderDuties(dropped, profile.isSubmission(), profile.isSubmission());
    }

    boolean drops(@Nullable HeaderField field) {
        return field != null && dropped.contains(field);
    }
}

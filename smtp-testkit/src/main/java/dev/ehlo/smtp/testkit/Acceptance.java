package dev.ehlo.smtp.testkit;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an accepting peer is set up; shared by its connections.
 *
 * @param extensions the lines of the reply to EHLO but for STARTTLS and AUTH
 * @param isTlsOffered STARTTLS is offered until TLS is in use
 * @param credentials login, NUL, password, which a client needs for MAIL; null if it needs none
 * @param mechanisms by which it can give them
 */
record Acceptance(
        String hostname,
        List<String> extensions,
        boolean isTlsOffered,
        @Nullable String credentials,
        List<String> mechanisms,
        FaultTable faults) {

    /** The reply to EHLO. AUTH is not offered in clear if there could be TLS. */
    String[] capabilities(boolean isTls) {
        List<String> lines = new ArrayList<>(List.of(hostname));
        lines.addAll(extensions);
        if (isTlsOffered && !isTls) {
            lines.add("STARTTLS");
        }
        if (credentials != null && (isTls || !isTlsOffered)) {
            lines.add("AUTH " + String.join(" ", mechanisms));
        }
        int last = lines.size() - 1;
        lines.replaceAll(line -> "250-" + line);
        lines.set(last, "250 " + lines.get(last).substring(4));
        return lines.toArray(String[]::new);
    }
}

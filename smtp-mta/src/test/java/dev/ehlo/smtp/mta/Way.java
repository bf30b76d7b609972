package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.AngusClient.Tls;

/** The ways into the server that a client has: a profile, how TLS comes about on it, and how its mail is then traced. */
enum Way {
    MX_IN_CLEAR("mx", Tls.NONE, "ESMTP"),
    MX_STARTTLS("mx", Tls.STARTTLS, "ESMTPS"),
    SUBMISSION_STARTTLS("submission", Tls.STARTTLS, "ESMTPSA"),
    SUBMISSIONS_IMPLICIT("submissions", Tls.IMPLICIT, "ESMTPSA");

    final String profile;
    final Tls tls;
    /** RFC 3848. */
    final String protocol;

    Way(String profile, Tls tls, String protocol) {
        this.profile = profile;
        this.tls = tls;
        this.protocol = protocol;
    }

    boolean hasLogin() {
        return protocol.endsWith("A");
    }
}

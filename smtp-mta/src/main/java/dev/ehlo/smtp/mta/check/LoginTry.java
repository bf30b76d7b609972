package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.client.ConnectionReport;
import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.SessionTimeouts;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;

/**
 * Logs in as an application does, by the client, which picks the mechanism; and never where it is not proven who would
 * get the password, unless told to. Blocks.
 */
final class LoginTry {
    private final CheckSettings settings;
    private final Credentials who;

    LoginTry(CheckSettings settings, Credentials who) {
        this.settings = settings;
        this.who = who;
    }

    /** What comes of a login at that port and address, which was found so. */
    LoginFacts at(String host, PortFacts found) {
        if (!found.tls().isUp()) {
            return new LoginFacts(LoginFacts.State.WITHHELD, "there is no TLS");
        }
        if (!found.isProven() && !settings.isLoginToAnybody()) {
            return new LoginFacts(LoginFacts.State.UNPROVEN, "the certificate does not prove the server");
        }
        Smarthost smarthost = Smarthost.submission(found.address().getHostAddress())
                .certifiedAs(host)
                .port(found.port())
                .tls(found.tls().state() == TlsState.IMPLICIT ? TlsMode.IMPLICIT : TlsMode.STARTTLS)
                .trust(settings.isLoginToAnybody() ? ClientTrust.insecure() : settings.trust())
                .login(who);
        try (SmtpClient client = SmtpClient.builder()
                .timeouts(SessionTimeouts.atMost(settings.timeout()))
                .build()) {
            ConnectionReport report = client.to(smarthost).connect().join();
            return report.stands()
                    ? new LoginFacts(LoginFacts.State.TAKEN, "logged in")
                    : new LoginFacts(failure(report), report.reply().toString());
        }
    }

    /** Another password mends nothing but a refusal for good. */
    private static LoginFacts.State failure(ConnectionReport report) {
        if (report.phase() != DeliveryPhase.AUTH) {
            return LoginFacts.State.FAILED;
        }
        return report.reply().isPermanent() ? LoginFacts.State.REFUSED : LoginFacts.State.DEFERRED;
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmarthostPresets;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.MailQueueBuilder;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A submission service, or another host that takes mail for all destinations, as a person names it.
 *
 * @param ways how it is reached, to be tried in that order; all with TLS required and verified
 * @param isPreset whether it is one of those that many use, which take nothing without a login
 * @param limits what it takes
 */
record Service(List<Smarthost> ways, boolean isPreset, LanePolicy limits) {
    /** What {@link #parse} takes. */
    static final String NAMES = "HOST:PORT, HOST, gmail, microsoft365, sendgrid, mailgun, mailgun-eu, ses:REGION";

    private static final String SES = "ses:";

    /** Nobody has to come to know such a host first, and it may have all the attempts there are. */
    private static final LanePolicy ALL =
            LanePolicy.STANDARD.window(MailQueueBuilder.ATTEMPTS, 1, MailQueueBuilder.ATTEMPTS);

    /** See {@link SmarthostPresets#microsoft365}. */
    private static final LanePolicy MICROSOFT_365 =
            LanePolicy.STANDARD.window(3, 1, 3).rates(new Rate(30, Duration.ofMinutes(1)), Rate.UNLIMITED);

    private static final int[] SUBMISSION_PORTS = {465, 587, 2525};

    /**
     * Of a host without a port, the ports of submission in turn; of one with a port, TLS from the first octet where
     * that is the use of the port, and STARTTLS elsewhere.
     *
     * @throws IllegalArgumentException if it is none of {@link #NAMES}
     */
    static Service parse(String text) {
        return switch (text) {
            case "gmail" -> preset(SmarthostPresets.gmail().onPorts(465, 587), ALL);
            case "microsoft365" -> preset(List.of(SmarthostPresets.microsoft365()), MICROSOFT_365);
            case "sendgrid" -> preset(SmarthostPresets.sendGrid().onPorts(SUBMISSION_PORTS), ALL);
            case "mailgun" -> preset(SmarthostPresets.mailgun().onPorts(SUBMISSION_PORTS), ALL);
            case "mailgun-eu" -> preset(SmarthostPresets.mailgunEu().onPorts(SUBMISSION_PORTS), ALL);
            default ->
                text.startsWith(SES)
                        ? preset(
                                SmarthostPresets.amazonSes(text.substring(SES.length()))
                                        .onPorts(465, 587, 2465, 2587),
                                ALL)
                        : new Service(host(text), false, ALL);
        };
    }

    private static Service preset(List<Smarthost> ways, LanePolicy limits) {
        return new Service(ways, true, limits);
    }

    private static List<Smarthost> host(String text) {
        if (text.indexOf(':') < 0) {
            return Smarthost.submission(text).onPorts(SUBMISSION_PORTS);
        }
        HostAndPort where = HostAndPort.parse(text);
        return Smarthost.submission(where.host()).onPorts(where.port());
    }

    /**
     * The same by one way, with TLS in that mode.
     *
     * @throws IllegalArgumentException if there are several ways
     */
    Service tls(TlsMode mode) {
        if (ways.size() != 1) {
            throw new IllegalArgumentException("--tls goes with HOST:PORT: elsewhere each port has its own");
        }
        return with(way -> way.tls(mode));
    }

    Service trust(ClientTrust trust) {
        return with(way -> way.trust(trust));
    }

    Service login(Credentials who) {
        return with(way -> way.login(who));
    }

    /**
     * For a host that relays because it knows our address: on port 25 unless told otherwise, and under TLS where it
     * has it, whatever its certificate.
     */
    Service relaying() {
        Smarthost first = ways.get(0);
        return ways.size() == 1 && first.tls() == TlsMode.IMPLICIT
                ? this
                : new Service(
                        List.of(Smarthost.relay(first.host(), ways.size() == 1 ? first.port() : SmtpClient.SMTP_PORT)),
                        isPreset,
                        limits);
    }

    private Service with(UnaryOperator<Smarthost> change) {
        return new Service(ways.stream().map(change).toList(), isPreset, limits);
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Smarthosts of services that many use, as their public documentation says (read in 2026). What comes of them are plain
 * values: a login is to be added, and all else may be changed. All require TLS and verify the certificate.
 *
 * <pre>
 *                    host                               implicit TLS   STARTTLS            login
 *     amazonSes      email-smtp.REGION.amazonaws.com    465, 2465      25, 587, 2587       SMTP credentials of that region
 *     mailgun        smtp.mailgun.org                   465            25, 587, 2525       SMTP credentials of the domain
 *     mailgunEu      smtp.eu.mailgun.org                465            25, 587, 2525       SMTP credentials of the domain
 *     sendGrid       smtp.sendgrid.net                  465            25, 587, 2525       "apikey" and an API key
 *     powerMta       the user's own                     –              as its listeners    as its configuration says
 *     gmail          smtp.gmail.com                     465            587                 app password, or OAuth token
 *     microsoft365   smtp.office365.com                 –              587                 OAuth token
 * </pre>
 *
 * <pre>{@code client.to(SmarthostPresets.sendGrid().login("apikey", key).onPorts(465, 587, 2525))}</pre>
 */
public final class SmarthostPresets {
    private static final Pattern REGION = Pattern.compile("[a-z]{2,4}(-[a-z]{2,12}){1,2}-[0-9]{1,2}");
    private static final String SES_PREFIX = "email-smtp.";
    private static final String SES_SUFFIX = ".amazonaws.com";
    private static final List<String> HOSTS = Stream.of(mailgun(), mailgunEu(), sendGrid(), gmail(), microsoft365())
            .map(Smarthost::host)
            .toList();

    private SmarthostPresets() {}

    /**
     * Amazon SES, on port 465; 587, 2465 and 2587 serve too, and EC2 throttles port 25. Each region has credentials of its
     * own, which are not those of the API. A message is up to 40 MB, in base64. The rate is the account's. Source:
     * docs.aws.amazon.com/ses/latest/dg, smtp-connect and quotas.
     *
     * @param region as {@code eu-west-1}
     * @throws IllegalArgumentException if that is no name of a region
     */
    public static Smarthost amazonSes(String region) {
        if (!REGION.matcher(region).matches()) {
            throw new IllegalArgumentException("not a region: " + Octets.printable(region));
        }
        return Smarthost.submissions(SES_PREFIX + region + SES_SUFFIX);
    }

    /** Mailgun for domains of the US region, on port 465; 587 and 2525 serve too. Login by PLAIN or LOGIN. */
    public static Smarthost mailgun() {
        return Smarthost.submissions("smtp.mailgun.org");
    }

    /** Mailgun for domains of the EU region, else as {@link #mailgun}. */
    public static Smarthost mailgunEu() {
        return Smarthost.submissions("smtp.eu.mailgun.org");
    }

    /**
     * SendGrid, on port 465; 587 and 2525 serve too. The user is the word {@code apikey}, and the password an API key. Up
     * to 5,000 messages go over one connection, and a server has up to 10,000 connections. Source:
     * twilio.com/docs/sendgrid, integrating with the SMTP API.
     */
    public static Smarthost sendGrid() {
        return Smarthost.submissions("smtp.sendgrid.net");
    }

    /**
     * A PowerMTA of one's own, on port 587 by STARTTLS, which its listener has to be configured for. Ports, TLS and who
     * may relay are what its {@code <smtp-listener>} and {@code <source>} say; one that trusts the address of the client,
     * on port 25 and without TLS, is {@link Smarthost#relay}.
     *
     * @param host a name or an address
     * @throws IllegalArgumentException as {@link Smarthost#relay}
     */
    public static Smarthost powerMta(String host) {
        return Smarthost.submission(host);
    }

    /**
     * Gmail and Google Workspace, on port 465; 587 serves too. The user is the whole address; by an app password, or by
     * {@link Credentials#token} (XOAUTH2, OAUTHBEARER). Up to 500 messages a day, 2,000 with Workspace.
     */
    public static Smarthost gmail() {
        return Smarthost.submissions("smtp.gmail.com");
    }

    /**
     * Microsoft 365, on port 587 by STARTTLS and no other. The user is the whole address; by {@link Credentials#token}
     * (XOAUTH2), as passwords are being retired, and where the mailbox has SMTP AUTH enabled. Up to 3 connections at a
     * time, for {@link ConnectionLimits#perDestination}, 30 messages a minute and 10,000 recipients a day. Source:
     * learn.microsoft.com/exchange/troubleshoot/send-emails/smtp-submission-improvements.
     */
    public static Smarthost microsoft365() {
        return Smarthost.submission("smtp.office365.com");
    }

    /**
     * Whether that is the host of one of these services, which serve any domain and show a certificate of their own: for
     * {@link SubmissionDiscovery#confirming}, {@code discovery.confirming(SmarthostPresets::isHost)}. A forged record
     * that names such a host gives the password to that service, and to nobody else.
     *
     * @param host in lower case, without a dot at the end
     */
    public static boolean isHost(String host) {
        return HOSTS.contains(host)
                || host.startsWith(SES_PREFIX)
                        && host.endsWith(SES_SUFFIX)
                        && host.length() > SES_PREFIX.length() + SES_SUFFIX.length()
                        && REGION.matcher(host.substring(SES_PREFIX.length(), host.length() - SES_SUFFIX.length()))
                                .matches();
    }
}

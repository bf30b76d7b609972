package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.RecordResolver;
import dev.ehlo.smtp.client.SrvResolver;
import dev.ehlo.smtp.tls.ClientTrust;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How to check.
 *
 * @param isSystemAsked whether hosts that DNS does not know may be known to this machine by other means, as its file of
 *     hosts
 * @param http for policies of MTA-STS
 * @param trust who vouches for servers
 * @param isLoginToAnybody whether a login is tried though it is not proven who gets it
 * @param ports those that are tried, and what each is for
 * @param timeout for a connection, and for each answer
 * @param login who logs in where users do
 * @param from the sender that is told with a recipient; empty for none
 * @param recipient who is asked about; empty for nobody
 */
public record CheckSettings(
        MxResolver mx,
        SrvResolver srv,
        RecordResolver records,
        boolean isSystemAsked,
        HttpClient.Builder http,
        ClientTrust trust,
        boolean isLoginToAnybody,
        Map<Role, Integer> ports,
        Duration timeout,
        Optional<Credentials> login,
        String from,
        String recipient) {
    /** Copies the map. */
    public CheckSettings {
        ports = Map.copyOf(ports);
    }
}

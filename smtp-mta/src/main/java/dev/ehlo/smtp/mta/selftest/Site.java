package dev.ehlo.smtp.mta.selftest;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A server to be attacked.
 *
 * @param addresses by profile, where it listens
 * @param domain a local domain
 * @param login who may log in, and has a mailbox
 * @param logins all like that one, which attacks take in turn: of one that comes from everywhere at once nothing is taken
 * @param password of that login, and of the others
 * @param friend another login, which mail goes to
 * @param guessed logins that are there to be guessed at: another one each time
 * @param refusing a login whose mail can't be delivered, which its senders are told
 * @param watch at what stands behind it
 * @param factor by which its time limits are shorter than they are configured
 * @param isTrusted whether it relays for whoever comes from loopback
 */
public record Site(
        Map<String, InetSocketAddress> addresses,
        String domain,
        String login,
        List<String> logins,
        String password,
        String friend,
        Supplier<String> guessed,
        String refusing,
        Watch watch,
        int factor,
        boolean isTrusted) {
    public Site {
        addresses = Map.copyOf(addresses);
        logins = List.copyOf(logins);
    }

    /** The same for another login, with the same password. */
    Site of(String other) {
        return new Site(
                addresses,
                domain,
                other,
                List.of(other),
                password,
                friend,
                guessed,
                refusing,
                watch,
                factor,
                isTrusted);
    }

    /** This server by other addresses. */
    public Site at(Map<String, InetSocketAddress> others) {
        return new Site(others, domain, login, logins, password, friend, guessed, refusing, watch, factor, isTrusted);
    }
}

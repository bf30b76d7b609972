package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.ServerLimits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say how much clients may have; the rest is {@link ServerLimits#STANDARD}. */
final class LimitOptions {
    @Option(
            names = "--allow",
            paramLabel = "CIDR",
            split = ",",
            description = "Networks free of the limits of one address or network (default: none).")
    private List<String> allow = new ArrayList<>();

    @Option(
            names = "--deny",
            paramLabel = "CIDR",
            split = ",",
            description = "Networks that are turned away; of two with an address in common the narrower one counts "
                    + "(default: none).")
    private List<String> deny = new ArrayList<>();

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections at a time in all (default: 10000).")
    private @Nullable Integer maxConnections;

    @Option(
            names = "--client-connections",
            paramLabel = "N",
            description = "Connections at a time from one address (default: 100).")
    private @Nullable Integer clientConnections;

    @Option(
            names = "--login-rate",
            paramLabel = "N/TIME",
            description =
                    "Messages that one login may send, as 500/h or 20/10m; off for any number " + "(default: 10000/h).")
    private @Nullable String loginRate;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    LimitOptions() {}

    /** @throws IllegalArgumentException if one of them is none */
    ServerLimits limits() {
        ServerLimits limits = ServerLimits.STANDARD
                .allow(allow.stream().map(Network::parse).toList())
                .deny(deny.stream().map(Network::parse).toList());
        if (maxConnections != null) {
            limits = limits.maxConnections(maxConnections);
        }
        if (clientConnections != null) {
            limits = limits.connectionsPerAddress(clientConnections);
        }
        return loginRate == null ? limits : limits.perLogin(limits.perLogin().messages(Rate.parse(loginRate)));
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mailbox;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that say what mail exchangers of other domains have to prove. */
final class RelayTlsOptions {
    @Mixin
    private DaneOption dane;

    @Option(
            names = "--mta-sts",
            paramLabel = "on|off",
            defaultValue = "on",
            description = "Whether mail goes by the MTA-STS policies of domains that have one (default: on).")
    private String mtaSts;

    @Option(
            names = "--tls-reports",
            paramLabel = "ADDRESS",
            description = "Send each domain that asks for it a daily report on TLS with its mail exchangers, from this "
                    + "address, at which a person can be asked (default: no reports).")
    private @Nullable String tlsReports;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    RelayTlsOptions() {}

    RelayTls relayTls() throws Failure {
        boolean isOn = switch (mtaSts) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new Failure("--mta-sts " + mtaSts + ": it is on or off");
        };
        return new RelayTls(dane.dnssec(), isOn, Optional.ofNullable(tlsReports).map(RelayTlsOptions::contact));
    }

    private static Mailbox contact(String text) {
        Mailbox contact = Mailbox.parse(text);
        if (contact.domain().isEmpty() || contact.needsUtf8()) {
            throw new IllegalArgumentException("--tls-reports: an address of ASCII with a domain is needed: " + text);
        }
        return contact;
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.Dnssec;
import picocli.CommandLine.Option;

/** The option that says which answers of DNS are proven. */
final class DaneOption {
    @Option(
            names = "--dane",
            paramLabel = "HOW",
            defaultValue = "auto",
            description = "Which answers of DNS are proven, so that hosts are held to their TLSA records: those that a "
                    + "resolver on this machine has validated (auto, the default), those that any resolver says it has "
                    + "(trust), those that ehlo validates itself (validate), none (off).")
    private String dane;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    DaneOption() {}

    Dnssec dnssec() throws Failure {
        return switch (dane) {
            case "auto" -> Dnssec.standard();
            case "trust" -> Dnssec.trusted();
            case "validate" -> Dnssec.validated();
            case "off" -> Dnssec.none();
            default -> throw new Failure("--dane " + dane + ": it is auto, trust, validate or off");
        };
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say who takes all mail for other domains, and how the server shows who it is there. */
final class SmarthostOptions {
    private static final String PASSWORD = "EHLO_SMARTHOST_PASSWORD";

    @Option(
            names = "--smarthost",
            paramLabel = "SERVICE",
            description = "Hand all mail for other domains to " + Service.NAMES + " (default: to the domain's MX). "
                    + "Without a login, a host is one that relays for this address, on port 25 unless told otherwise, "
                    + "with TLS where it has it; with one, TLS is required and verified, on 465, 587 or 2525, whichever "
                    + "is open.")
    private @Nullable String smarthost;

    @Option(
            names = "--smarthost-user",
            paramLabel = "NAME",
            description = "Log in there; the password comes from one of the files below, or from the environment as "
                    + PASSWORD + ".")
    private @Nullable String user;

    @Option(
            names = "--smarthost-password-file",
            paramLabel = "FILE",
            description = "Where the password is: the first line of that file.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--smarthost-token-file",
            paramLabel = "FILE",
            description =
                    "Log in by the access token (OAuth 2) that is the first line of that file, read anew for each "
                            + "login, as something else renews it.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--smarthost-ca",
            paramLabel = "FILE",
            description = "Require TLS there, with a certificate that those in this file (PEM) vouch for.")
    private @Nullable Path ca;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    SmarthostOptions() {}

    /**
     * Whom they name; nobody if mail goes by MX.
     *
     * @throws IllegalArgumentException if it is none, or its login is none
     */
    Optional<Service> service() throws Failure {
        if (smarthost == null) {
            if (user != null || passwordFile != null || tokenFile != null || ca != null) {
                throw new Failure("--smarthost-user, -password-file, -token-file and -ca go with --smarthost");
            }
            return Optional.empty();
        }
        Service service = named(smarthost);
        if (user == null) {
            if (passwordFile != null || tokenFile != null) {
                throw new Failure("--smarthost-password-file and --smarthost-token-file go with --smarthost-user");
            }
            if (service.isPreset()) {
                throw new Failure("--smarthost " + smarthost + " takes mail from its users alone: --smarthost-user");
            }
            service = service.relaying();
        } else {
            service = service.login(credentials(user));
        }
        return Optional.of(ca == null ? service : service.trust(trust(ca)));
    }

    private static Service named(String text) {
        try {
            return Service.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--smarthost: " + e.getMessage(), e);
        }
    }

    private Credentials credentials(String login) throws Failure {
        if (tokenFile != null) {
            if (passwordFile != null) {
                throw new Failure("--smarthost-password-file or --smarthost-token-file, not both");
            }
            secret("--smarthost-token-file", tokenFile);
            return Credentials.token(login, new TokenFile(tokenFile));
        }
        if (passwordFile != null) {
            return Credentials.password(login, secret("--smarthost-password-file", passwordFile));
        }
        String fromEnvironment = System.getenv(PASSWORD);
        if (fromEnvironment == null) {
            throw new Failure(
                    "no password for " + login + ": --smarthost-password-file, or " + PASSWORD + " in the environment");
        }
        return Credentials.password(login, fromEnvironment);
    }

    private static String secret(String option, Path file) throws Failure {
        try {
            return Password.inFile(file);
        } catch (IOException e) {
            throw new Failure(option + ": " + DataDirectory.reason(e), e);
        }
    }

    private static ClientTrust trust(Path file) throws Failure {
        try {
            return ClientTrust.pem(file);
        } catch (IOException e) {
            throw new Failure("--smarthost-ca: " + DataDirectory.reason(e), e);
        }
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of commands that submit: which certificates will do, and who logs in. */
final class Access {
    @ArgGroup
    private @Nullable Trust trust;

    /** Which certificates will do; the system's authorities if neither is given. */
    static final class Trust {
        @Option(names = "--ca", paramLabel = "FILE", description = "Trust the certificates in this file (PEM).")
        private @Nullable Path ca;

        @Option(names = "--insecure", description = "Take any certificate.")
        private boolean insecure;
    }

    @Option(
            names = "--user",
            paramLabel = "NAME[:PASSWORD]",
            description = "Log in; the password may come in the environment as EHLO_PASSWORD, or is asked for.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "Where the password is: the first line of that file.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Log in by the access token (OAuth 2) that is the first line of that file.")
    private @Nullable Path tokenFile;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    Access() {}

    /**
     * The server, as the options say it is to be spoken with.
     *
     * @param tls the value of {@code --tls}
     * @throws IllegalArgumentException if the server is no host and port, or the login none
     */
    Smarthost smarthost(String server, String tls) throws Failure {
        HostAndPort where = HostAndPort.parse(server);
        Smarthost smarthost = Smarthost.submission(where.host())
                .port(where.port())
                .tls(mode(tls))
                .trust(trust());
        Credentials who = credentials();
        return who == null ? smarthost : smarthost.login(who);
    }

    /**
     * The ways to a service, as the options say that they are to be gone.
     *
     * @param tls the value of {@code --tls}; null for what each port is for
     * @throws IllegalArgumentException if the login is none
     */
    List<Smarthost> ways(Service service, @Nullable String tls) throws Failure {
        Service told = (tls == null ? service : service.tls(mode(tls))).trust(trust());
        Credentials who = credentials();
        return (who == null ? told : told.login(who)).ways();
    }

    /** The domain of the login, if it is an address. */
    Optional<String> domain() {
        String login = user == null ? "" : login(user);
        int at = login.lastIndexOf('@');
        return at < 0 ? Optional.empty() : Optional.of(login.substring(at + 1));
    }

    private static String login(String user) {
        int colon = user.indexOf(':');
        return colon < 0 ? user : user.substring(0, colon);
    }

    /** Who logs in; null if nobody does. */
    @Nullable
    Credentials credentials() throws Failure {
        if (user == null) {
            if (passwordFile != null || tokenFile != null) {
                throw new Failure("--password-file and --token-file go with --user");
            }
            return null;
        }
        String login = login(user);
        boolean hasPassword = user.length() > login.length();
        if (tokenFile != null && (hasPassword || passwordFile != null) || hasPassword && passwordFile != null) {
            throw new Failure("a password, --password-file or --token-file, and one of them alone");
        }
        if (tokenFile != null) {
            secret("--token-file", tokenFile);
            return Credentials.token(login, new TokenFile(tokenFile));
        }
        return Credentials.password(login, hasPassword ? user.substring(login.length() + 1) : password(login));
    }

    private String password(String login) throws Failure {
        if (passwordFile != null) {
            return secret("--password-file", passwordFile);
        }
        String fromEnvironment = System.getenv("EHLO_PASSWORD");
        return fromEnvironment != null ? fromEnvironment : Password.ask(login);
    }

    private static String secret(String option, Path file) throws Failure {
        try {
            return Password.inFile(file);
        } catch (IOException e) {
            throw new Failure(option + ": " + DataDirectory.reason(e), e);
        }
    }

    private static TlsMode mode(String tls) throws Failure {
        return switch (tls) {
            case "none" -> TlsMode.NONE;
            case "starttls" -> TlsMode.STARTTLS;
            case "implicit" -> TlsMode.IMPLICIT;
            default -> throw new Failure("--tls is none, starttls or implicit, not " + tls);
        };
    }

    /** Whether the options ask to take any certificate. */
    boolean isInsecure() {
        return trust != null && trust.insecure;
    }

    /** The file of certificates to trust; null if the system's authorities are. */
    @Nullable
    Path authorities() {
        return trust == null ? null : trust.ca;
    }

    ClientTrust trust() throws Failure {
        if (trust == null) {
            return ClientTrust.system();
        }
        if (trust.insecure) {
            return ClientTrust.insecure();
        }
        try {
            return ClientTrust.pem(Objects.requireNonNull(trust.ca));
        } catch (IOException e) {
            throw new Failure("--ca: " + DataDirectory.reason(e), e);
        }
    }
}

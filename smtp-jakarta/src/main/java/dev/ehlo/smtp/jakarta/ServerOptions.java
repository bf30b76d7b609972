package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.SessionTimeouts;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.tls.TlsMode;
import jakarta.mail.MessagingException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which server a session sends by, and how: a value, by which clients and their connections are shared. Never shows the
 * password.
 *
 * @param login null to go without
 */
record ServerOptions(
        Local local,
        String host,
        int port,
        TlsUse tls,
        @Nullable Login login) {
    /** RFC 5321 §4.5.4.2. */
    private static final int SMTP_PORT = 25;

    private static final Duration QUIT = Duration.ofSeconds(10);

    /**
     * What is the same for all servers.
     *
     * @param name what EHLO says; empty for the address of the connection
     * @param debug where to show what is said; null for nowhere
     */
    record Local(
            String name, SessionTimeouts timeouts, @Nullable PrintStream debug) {}

    /**
     * Who logs in.
     *
     * @param mechanisms by which it may be, one at least: the first tells whether it is a password or a token, and those of
     *     the other kind count where the server has none of them
     */
    record Login(String user, String password, List<Mechanism> mechanisms) {
        Credentials credentials() {
            boolean isToken = isOfTokens(mechanisms.get(0));
            Credentials all = isToken ? Credentials.token(user, password) : Credentials.password(user, password);
            Set<Mechanism> both = EnumSet.copyOf(mechanisms);
            both.retainAll(all.mechanisms());
            return all.only(both.toArray(Mechanism[]::new));
        }

        private static boolean isOfTokens(Mechanism mechanism) {
            return mechanism == Mechanism.XOAUTH2 || mechanism == Mechanism.OAUTHBEARER;
        }

        @Override
        public String toString() {
            return "Login";
        }
    }

    /**
     * What the properties say.
     *
     * @param given the port that the program gave; -1 if it gave none
     * @throws MessagingException if they say what can't be had, or is nothing
     */
    static ServerOptions of(Options options, @Nullable String host, int given, boolean implicit)
            throws MessagingException {
        String name = host == null || host.isEmpty() ? "localhost" : host;
        TlsUse tls = TlsUse.of(options, name, implicit);
        return new ServerOptions(local(options), name, port(options, given, tls), tls, null);
    }

    private static int port(Options options, int given, TlsUse tls) throws MessagingException {
        int port = given != -1 ? given : options.number("port", -1);
        if (options.isSet("socketFactory.class")) {
            port = options.number("socketFactory.port", port);
        }
        return port != -1 ? port : tls.mode() == TlsUse.Mode.IMPLICIT ? Smarthost.SUBMISSIONS_PORT : SMTP_PORT;
    }

    private static Local local(Options options) throws MessagingException {
        String name = options.text("localhost").orElse("");
        if (!name.isEmpty()) {
            try {
                SmtpClient.builder().localName(name);
            } catch (IllegalArgumentException e) {
                throw options.wrong("localhost", "is not a host name: " + e.getMessage(), e);
            }
        }
        SessionTimeouts standard = SessionTimeouts.standard();
        Duration reading = options.time("timeout", Duration.ofDays(1));
        SessionTimeouts timeouts = new SessionTimeouts(
                options.time("connectiontimeout", standard.connect()),
                shorter(standard.greeting(), reading),
                shorter(standard.command(), reading),
                shorter(standard.data(), reading),
                options.time("writetimeout", standard.block()),
                shorter(standard.endOfData(), reading),
                shorter(QUIT, reading));
        return new Local(name, timeouts, options.debug());
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /**
     * The same with a login.
     *
     * @throws MessagingException if no mechanism is left, or neither could be said to a server
     */
    ServerOptions login(Options options, String user, String password) throws MessagingException {
        Login login = new Login(user, password, mechanisms(options));
        try {
            login.credentials();
        } catch (IllegalArgumentException e) {
            throw new MessagingException("can't log in: " + e.getMessage(), e);
        }
        return new ServerOptions(local, host, port, tls, login);
    }

    /** Tokens are asked for by name, as with Angus. What SASL knows beside, and this client does not, is left out. */
    private static List<Mechanism> mechanisms(Options options) throws MessagingException {
        for (String option : List.of("sasl.authorizationid", "sasl.realm", "saslrealm")) {
            if (options.isSet(option)) {
                throw options.wrong(option, "is not supported by this transport");
            }
        }
        String option = options.is("sasl.enable", false) && options.isSet("sasl.mechanisms")
                ? "sasl.mechanisms"
                : "auth.mechanisms";
        Optional<String> named = options.text(option);
        Set<Mechanism> allowed = new LinkedHashSet<>();
        if (named.isPresent()) {
            Arrays.stream(named.get().split("[\\s,]+", -1))
                    .flatMap(n -> Mechanism.of(n).stream())
                    .forEach(allowed::add);
        } else {
            allowed.addAll(
                    EnumSet.complementOf(EnumSet.of(Mechanism.XOAUTH2, Mechanism.OAUTHBEARER, Mechanism.EXTERNAL)));
            enable(options, allowed, Mechanism.XOAUTH2);
        }
        allowed.removeIf(m -> options.is(disable(m), false));
        allowed.remove(Mechanism.EXTERNAL);
        if (allowed.isEmpty()) {
            throw options.wrong(option, "leaves no mechanism that this transport knows");
        }
        return List.copyOf(allowed);
    }

    /** Angus has it switched off by itself, and "false" puts it behind the others, of which it knows two that matter. */
    private static void enable(Options options, Set<Mechanism> allowed, Mechanism token) {
        String disable = disable(token);
        if (options.isSet(disable) && !options.is(disable, true)) {
            if (options.is(disable(Mechanism.LOGIN), false) && options.is(disable(Mechanism.PLAIN), false)) {
                allowed.clear();
            }
            allowed.add(token);
        }
    }

    private static String disable(Mechanism mechanism) {
        return "auth." + mechanism.saslName().toLowerCase(Locale.ROOT) + ".disable";
    }

    /** The same with TLS in another mode. */
    ServerOptions in(TlsUse.Mode mode) {
        return new ServerOptions(local, host, port, tls.in(mode), login);
    }

    /** The same, with the mechanisms of tokens for those of passwords, or the reverse; empty if there are none. */
    Optional<ServerOptions> otherwise() {
        Login who = login;
        if (who == null) {
            return Optional.empty();
        }
        List<Mechanism> others = who.mechanisms().stream()
                .filter(m ->
                        Login.isOfTokens(m) != Login.isOfTokens(who.mechanisms().get(0)))
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(new ServerOptions(local, host, port, tls, new Login(who.user(), who.password(), others)));
    }

    /** The same without the login. */
    ServerOptions withoutLogin() {
        return new ServerOptions(local, host, port, tls, null);
    }

    /** @throws MessagingException if host or port are none, or the roots can't be read */
    Smarthost smarthost() throws MessagingException {
        try {
            Smarthost relay = Smarthost.relay(host, port);
            Login who = login;
            if (tls.mode() == TlsUse.Mode.NEVER) {
                Smarthost clear = relay.tls(TlsMode.NONE);
                return who == null ? clear : clear.loginEvenInClear(who.credentials());
            }
            if (tls.mode() == TlsUse.Mode.IF_OFFERED) {
                Smarthost either = relay.startTlsIfOffered(tls.roots());
                return who == null ? either : either.loginEvenInClear(who.credentials());
            }
            Smarthost secure = relay.trust(tls.roots())
                    .tls(tls.mode() == TlsUse.Mode.IMPLICIT ? TlsMode.IMPLICIT : TlsMode.STARTTLS);
            return who == null ? secure : secure.login(who.credentials());
        } catch (IllegalArgumentException e) {
            throw new MessagingException("no server to send by: " + e.getMessage(), e);
        }
    }
}

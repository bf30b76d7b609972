package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.tls.ClientTrust;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a session wants its server's TLS. What it asks for is kept, kept more strictly, or refused: a weaker TLS than the
 * properties say is never taken without a word.
 *
 * @param trust whose certificates are taken
 * @param authorities a PEM file, where the trust is FILE; else empty
 */
record TlsUse(Mode mode, Trust trust, String authorities) {
    /** When a connection turns to TLS. */
    enum Mode {
        NEVER,
        IF_OFFERED,
        STARTTLS,
        IMPLICIT
    }

    /** Whose certificates are taken. */
    enum Trust {
        SYSTEM,
        ANYBODY,
        FILE
    }

    /** The one factory that says no more than "TLS from the first octet", as most write it who copied it. */
    private static final String USUAL_FACTORY = "javax.net.ssl.SSLSocketFactory";

    private static final List<String> NOT_OURS = List.of(
            "socketFactory",
            "ssl.socketFactory",
            "ssl.socketFactory.class",
            "ssl.socketFactory.port",
            "ssl.hostnameverifier",
            "ssl.hostnameverifier.class",
            "ssl.ciphersuites",
            "proxy.host",
            "socks.host",
            "localaddress",
            "localport");

    /** @throws MessagingException if there is anything that can't be had */
    static TlsUse of(Options options, String host, boolean implicit) throws MessagingException {
        for (String option : NOT_OURS) {
            if (options.isSet(option)) {
                throw options.wrong(option, "is not supported by this transport: remove it, or send by another");
            }
        }
        checkProtocols(options);
        Mode mode = mode(options, implicit);
        String file = options.text("ssl.cafile").orElse("");
        Trust trust = trustsAnybody(options, host) ? Trust.ANYBODY : file.isEmpty() ? Trust.SYSTEM : Trust.FILE;
        return new TlsUse(mode, trust, trust == Trust.FILE ? file : "");
    }

    private static Mode mode(Options options, boolean implicit) throws MessagingException {
        String factory = options.text("socketFactory.class").orElse(USUAL_FACTORY);
        if (!factory.equals(USUAL_FACTORY)) {
            throw options.wrong("socketFactory.class", "is not supported by this transport, but for " + USUAL_FACTORY);
        }
        if (implicit || options.is("ssl.enable", false) || options.isSet("socketFactory.class")) {
            return Mode.IMPLICIT;
        }
        if (options.is("starttls.required", false)) {
            return Mode.STARTTLS;
        }
        return options.is("starttls.enable", false) ? Mode.IF_OFFERED : Mode.NEVER;
    }

    /** Both versions are always offered: who allows 1.2 may get 1.3, and who wants only more, or less, is told. */
    private static void checkProtocols(Options options) throws MessagingException {
        String named = options.text("ssl.protocols").orElse("TLSv1.2");
        List<String> all = words(named);
        if (!all.contains("TLSv1.2")) {
            throw options.wrong("ssl.protocols", "does not name TLSv1.2: this transport speaks TLSv1.2 and TLSv1.3");
        }
    }

    private static boolean trustsAnybody(Options options, String host) {
        String trusted = options.text("ssl.trust").orElse("");
        return trusted.equals("*")
                || words(trusted).stream()
                        .anyMatch(t -> t.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT)));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+", -1)).filter(w -> !w.isEmpty()).toList();
    }

    /** The same in another mode. */
    TlsUse in(Mode other) {
        return new TlsUse(other, trust, authorities);
    }

    /** Reads the roots, which takes time. */
    ClientTrust roots() throws MessagingException {
        try {
            return switch (trust) {
                case SYSTEM -> ClientTrust.system();
                case ANYBODY -> ClientTrust.insecure();
                case FILE -> ClientTrust.pem(Path.of(authorities));
            };
        } catch (IOException | IllegalArgumentException e) {
            throw new MessagingException("the certificates of ssl.cafile can't be read", e);
        }
    }
}

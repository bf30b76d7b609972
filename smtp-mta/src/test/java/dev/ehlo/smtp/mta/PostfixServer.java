package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mechanism;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A Postfix that relays to a server of this project what it is given: a port for each way to go on. */
final class PostfixServer implements AutoCloseable {
    /** By which it can log in, with the modules of Cyrus SASL. */
    static final List<Mechanism> MECHANISMS = List.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);

    private final PostfixProcess process;
    private final Map<Way, Integer> ports = new EnumMap<>(Way.class);
    private final Map<Mechanism, Integer> loginPorts = new EnumMap<>(Mechanism.class);

    /** Started, below that directory, relaying to that server, whose certificate it trusts alone. */
    PostfixServer(Path scratch, EhloProcess server, Path authority) throws Exception {
        PostfixProcess.open(authority.getParent());
        String services = services(server);
        process = new PostfixProcess(scratch, main(server, authority), services, allPorts());
    }

    private static String main(EhloProcess server, Path authority) {
        return """
                smtp_tls_CAfile = %s
                smtp_tls_verify_cert_match = localhost
                smtp_sasl_security_options = noanonymous
                smtp_sasl_password_maps = inline:{ { localhost = %s:%s } }
                """.formatted(authority, MailClient.USER, server.password());
    }

    private String services(EhloProcess server) throws IOException {
        StringBuilder master = new StringBuilder();
        for (Way way : Way.values()) {
            int port = EhloProcess.freePort();
            ports.put(way, port);
            master.append("""
                    127.0.0.1:%d inet n - n - - smtpd -o content_filter=%s:[localhost]:%d
                    %2$s unix - - n - - smtp -o smtp_tls_security_level=%s
                      -o smtp_tls_wrappermode=%s -o smtp_sasl_auth_enable=%s
                    """.formatted(
                            port,
                            way,
                            server.port(way.profile),
                            way.tls == AngusClient.Tls.NONE ? "none" : "verify",
                            way.tls == AngusClient.Tls.IMPLICIT ? "yes" : "no",
                            way.hasLogin() ? "yes" : "no"));
        }
        for (Mechanism mechanism : MECHANISMS) {
            int port = EhloProcess.freePort();
            loginPorts.put(mechanism, port);
            master.append("""
                    127.0.0.1:%d inet n - n - - smtpd -o content_filter=%s:[localhost]:%d
                    %2$s unix - - n - - smtp -o smtp_tls_security_level=verify -o smtp_sasl_auth_enable=yes
                      -o smtp_sasl_mechanism_filter=%s
                    """.formatted(
                            port,
                            mechanism,
                            server.port("submission"),
                            mechanism.saslName().toLowerCase(Locale.ROOT)));
        }
        return master.toString();
    }

    private List<Integer> allPorts() {
        return Stream.concat(ports.values().stream(), loginPorts.values().stream())
                .toList();
    }

    /** Where it takes mail that is to go on that way. */
    int port(Way way) {
        return ports.get(way);
    }

    /** Where it takes mail that is to go on after a login by that mechanism. */
    int port(Mechanism mechanism) {
        return loginPorts.get(mechanism);
    }

    /** What it has to say of what it did. */
    String log() throws IOException {
        return process.log();
    }

    @Override
    public void close() {
        process.close();
    }
}

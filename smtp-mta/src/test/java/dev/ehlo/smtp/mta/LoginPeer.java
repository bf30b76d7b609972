package dev.ehlo.smtp.mta;

import static dev.ehlo.smtp.Mechanism.EXTERNAL;
import static dev.ehlo.smtp.Mechanism.LOGIN;
import static dev.ehlo.smtp.Mechanism.OAUTHBEARER;
import static dev.ehlo.smtp.Mechanism.PLAIN;
import static dev.ehlo.smtp.Mechanism.SCRAM_SHA_256;
import static dev.ehlo.smtp.Mechanism.SCRAM_SHA_256_PLUS;
import static dev.ehlo.smtp.Mechanism.XOAUTH2;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.client.Credentials;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.tls.ClientKey;
import dev.ehlo.smtp.tls.ClientTrust;
import jakarta.mail.MessagingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Clients, and how each is told to log in by one mechanism and no other; those that only do so with a message send one. */
enum LoginPeer {
    GSASL(PLAIN, LOGIN, SCRAM_SHA_256, EXTERNAL) {
        @Override
        List<String> command(Job job) {
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/gsasl"),
                    "--smtp",
                    "--starttls",
                    "--connect=localhost:" + job.port(),
                    "--x509-ca-file=" + job.authority(),
                    "--mechanism=" + job.mechanism().saslName()));
            if (job.mechanism() == EXTERNAL) {
                command.addAll(List.of(
                        "--x509-cert-file=" + job.certificate(),
                        "--x509-key-file=" + job.key(),
                        "--authorization-id=" + job.login()));
            } else {
                command.addAll(List.of("--authentication-id=" + job.login(), "--password=" + job.secret(), "--no-cb"));
            }
            return command;
        }
    },

    SWAKS(PLAIN, LOGIN) {
        @Override
        List<String> command(Job job) {
            return List.of(
                    Peers.installed("/usr/bin/swaks"),
                    "--server",
                    "127.0.0.1:" + job.port(),
                    "--tls",
                    "--quit-after",
                    "AUTH",
                    "--to",
                    job.address(),
                    "--auth",
                    job.mechanism().saslName(),
                    "--auth-user",
                    job.login(),
                    "--auth-password",
                    job.secret());
        }
    },

    CURL(PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, EXTERNAL) {
        @Override
        List<String> command(Job job) {
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/curl"),
                    "--silent",
                    "--show-error",
                    "--noproxy",
                    "*",
                    "--connect-to",
                    "::127.0.0.1:",
                    "--url",
                    "smtp://localhost:" + job.port() + "/client.example",
                    "--ssl-reqd",
                    "--cacert",
                    job.authority(),
                    "--mail-from",
                    job.address(),
                    "--mail-rcpt",
                    job.address(),
                    "--upload-file",
                    job.message(),
                    "--login-options",
                    "AUTH=" + job.mechanism().saslName()));
            switch (job.mechanism()) {
                case OAUTHBEARER, XOAUTH2 ->
                    command.addAll(List.of("--user", job.login() + ":", "--oauth2-bearer", job.secret()));
                case EXTERNAL ->
                    command.addAll(
                            List.of("--user", job.login() + ":", "--cert", job.certificate(), "--key", job.key()));
                default -> command.addAll(List.of("--user", job.login() + ":" + job.secret()));
            }
            return command;
        }
    },

    MSMTP(PLAIN, LOGIN, SCRAM_SHA_256, OAUTHBEARER, XOAUTH2, EXTERNAL) {
        @Override
        List<String> command(Job job) {
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/msmtp"),
                    "--host=localhost",
                    "--port=" + job.port(),
                    "--tls=on",
                    "--tls-starttls=on",
                    "--tls-trust-file=" + job.authority(),
                    "--from=" + job.address(),
                    "--auth=" + job.mechanism().saslName().toLowerCase(Locale.ROOT),
                    "--user=" + job.login(),
                    "--passwordeval=echo '" + job.secret() + "'"));
            if (job.mechanism() == EXTERNAL) {
                command.addAll(List.of("--tls-cert-file=" + job.certificate(), "--tls-key-file=" + job.key()));
            }
            command.addAll(List.of("--", job.address()));
            return command;
        }
    },

    ANGUS(PLAIN, LOGIN, XOAUTH2, EXTERNAL) {
        @Override
        Optional<String> login(Path scratch, Job job) throws Exception {
            try {
                AngusClient client = new AngusClient(job.port(), AngusClient.Tls.STARTTLS)
                        .mechanism(job.mechanism().saslName());
                if (job.mechanism() == EXTERNAL) {
                    client.showing(Path.of(job.certificate()), Path.of(job.key()));
                }
                client.send(job.login(), job.secret(), job.address(), MESSAGE, job.address());
                return Optional.empty();
            } catch (MessagingException e) {
                return Optional.of(e.toString());
            }
        }
    },

    EHLO(PLAIN, LOGIN, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, OAUTHBEARER, XOAUTH2, EXTERNAL) {
        @Override
        Optional<String> login(Path scratch, Job job) throws Exception {
            Credentials credentials = switch (job.mechanism()) {
                case OAUTHBEARER, XOAUTH2 -> Credentials.token(job.login(), job.secret());
                case EXTERNAL -> Credentials.certificate(ClientKey.pem(Path.of(job.certificate()), Path.of(job.key())));
                default -> Credentials.password(job.login(), job.secret());
            };
            Smarthost host = Smarthost.submission("localhost")
                    .port(job.port())
                    .trust(ClientTrust.pem(Path.of(job.authority())))
                    .login(credentials.only(job.mechanism()));
            try (SmtpClient client = SmtpClient.builder().build()) {
                DeliveryReport report = client.to(host)
                        .deliver(
                                Envelope.from(job.address()).to(job.address()),
                                MessageSource.of(Path.of(job.message())))
                        .join();
                return report.isRelayedToAll() ? Optional.empty() : Optional.of(report.toString());
            }
        }
    };

    static final String MESSAGE = "From: alice@localhost\r\nSubject: login\r\n\r\nLet me in.\r\n";

    final List<Mechanism> mechanisms;

    LoginPeer(Mechanism... mechanisms) {
        this.mechanisms = List.of(mechanisms);
    }

    /**
     * One login.
     *
     * @param authority whom to trust, in PEM
     * @param certificate the client's own, in PEM
     * @param message what to send where something has to be sent
     */
    record Job(
            Mechanism mechanism,
            int port,
            String login,
            String secret,
            String authority,
            String certificate,
            String key,
            String message) {
        /** Those of a server, its data and a client's certificate in that directory. */
        static Job of(Path scratch, EhloProcess server, Mechanism mechanism, String login, String secret)
                throws Exception {
            Path message = scratch.resolve("message.eml");
            if (!Files.exists(message)) {
                Files.writeString(message, MESSAGE, StandardCharsets.US_ASCII);
            }
            return new Job(
                    mechanism,
                    server.port("submission"),
                    login,
                    secret,
                    scratch.resolve("data/tls/cert.pem").toString(),
                    scratch.resolve("client.pem").toString(),
                    scratch.resolve("client.key").toString(),
                    message.toString());
        }

        String address() {
            return login + "@localhost";
        }
    }

    List<String> command(Job job) {
        throw new IllegalStateException("in this process");
    }

    /** Logs in; empty if it was let in, else what the client says. */
    Optional<String> login(Path scratch, Job job) throws Exception {
        String input = this == MSMTP ? MESSAGE.replace("\r\n", "\n") : "";
        EhloProcess.Result result = EhloProcess.exec(scratch, input, Map.of(), command(job));
        return result.exitCode() == 0 ? Optional.empty() : Optional.of(result.all());
    }
}

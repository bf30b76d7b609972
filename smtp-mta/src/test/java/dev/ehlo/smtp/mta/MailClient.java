package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Independent mail clients, each told to send the octets of a file as they are, and to trust one certificate only. */
enum MailClient {
    /** Would take a last line of a dot for end of data, unless the dots are left to whoever calls it. */
    SWAKS {
        @Override
        String file(String message) {
            return ("\r\n" + message).replace("\r\n.", "\r\n..").substring(2) + ".\r\n";
        }

        @Override
        List<String> command(Job job) {
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/swaks"),
                    "--server",
                    "127.0.0.1",
                    "--port",
                    job.port(),
                    "--from",
                    ADDRESS,
                    "--to",
                    ADDRESS,
                    "--data",
                    "@" + job.message(),
                    "--no-data-fixup",
                    "--silent",
                    "2"));
            switch (job.way().tls) {
                case NONE -> {}
                case STARTTLS -> command.add("--tls");
                case IMPLICIT -> command.add("--tls-on-connect");
            }
            if (job.way().tls != AngusClient.Tls.NONE) {
                command.addAll(List.of("--tls-verify", "--tls-ca-path", job.authority()));
            }
            if (job.way().hasLogin()) {
                command.addAll(List.of("--auth", "PLAIN", "--auth-user", USER, "--auth-password", job.password()));
            }
            return command;
        }
    },

    CURL {
        @Override
        List<String> command(Job job) {
            String scheme = job.way().tls == AngusClient.Tls.IMPLICIT ? "smtps" : "smtp";
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/curl"),
                    "--silent",
                    "--show-error",
                    "--noproxy",
                    "*",
                    "--connect-to",
                    "::127.0.0.1:",
                    "--url",
                    scheme + "://localhost:" + job.port() + "/client.example",
                    "--cacert",
                    job.authority(),
                    "--mail-from",
                    ADDRESS,
                    "--mail-rcpt",
                    ADDRESS,
                    "--upload-file",
                    job.message()));
            if (job.way().tls != AngusClient.Tls.NONE) {
                command.add("--ssl-reqd");
            }
            if (job.way().hasLogin()) {
                command.addAll(List.of("--user", USER + ":" + job.password()));
            }
            return command;
        }
    },

    /** Reads lines with the ends that this system has, and writes them with CRLF. */
    MSMTP {
        @Override
        List<String> command(Job job) {
            boolean tls = job.way().tls != AngusClient.Tls.NONE;
            boolean starttls = job.way().tls == AngusClient.Tls.STARTTLS;
            List<String> command = new ArrayList<>(List.of(
                    Peers.installed("/usr/bin/msmtp"),
                    "--host=localhost",
                    "--port=" + job.port(),
                    "--tls=" + (tls ? "on" : "off"),
                    "--from=" + ADDRESS));
            if (tls) {
                command.addAll(
                        List.of("--tls-starttls=" + (starttls ? "on" : "off"), "--tls-trust-file=" + job.authority()));
            }
            if (job.way().hasLogin()) {
                command.addAll(
                        List.of("--auth=plain", "--user=" + USER, "--passwordeval=echo '" + job.password() + "'"));
            }
            command.addAll(List.of("--", ADDRESS));
            return command;
        }

        @Override
        String input(String message) {
            return message.replace("\r\n", "\n");
        }
    },

    SMTPLIB {
        @Override
        List<String> command(Job job) {
            String python = Peers.installed("/usr/bin/python3", "/usr/local/bin/python3");
            return script(job, python, "-c", """
                    import smtplib, ssl, sys
                    tls, port, authority, path, password, user, address = sys.argv[1:]
                    context = ssl.create_default_context(cafile=authority)
                    if tls == 'IMPLICIT':
                        client = smtplib.SMTP_SSL('localhost', int(port), context=context)
                    else:
                        client = smtplib.SMTP('localhost', int(port))
                    if tls == 'STARTTLS':
                        client.starttls(context=context)
                    if password:
                        client.login(user, password)
                    with open(path, 'rb') as message:
                        client.sendmail(address, [address], message.read(), ['BODY=8BITMIME'])
                    client.quit()
                    """);
        }
    },

    NODEMAILER {
        @Override
        List<String> command(Job job) {
            String node = Peers.installed("/usr/bin/node", "/usr/local/bin/node");
            Peers.present(Path.of(Peers.nodeModules(), "nodemailer", "package.json"));
            return script(job, node, "-e", """
                    const fs = require('fs'), nodemailer = require('nodemailer');
                    const [tls, port, authority, path, password, user, address] = process.argv.slice(1);
                    const transport = nodemailer.createTransport({
                      host: '127.0.0.1', port: Number(port), name: 'client.example',
                      secure: tls === 'IMPLICIT', requireTLS: tls === 'STARTTLS', ignoreTLS: tls === 'NONE',
                      tls: { ca: fs.readFileSync(authority), servername: 'localhost' },
                      auth: password ? { user, pass: password } : undefined,
                    });
                    transport.sendMail({ envelope: { from: address, to: [address] }, raw: fs.readFileSync(path) })
                      .catch(error => { console.error(error); process.exit(1); });
                    """);
        }
    },

    ANGUS {
        @Override
        List<String> command(Job job) {
            throw new IllegalStateException("in this process");
        }

        @Override
        void send(Path scratch, EhloProcess server, Way way, String message) throws Exception {
            AngusClient client = new AngusClient(server.port(way.profile), way.tls);
            boolean login = way.hasLogin();
            client.send(login ? USER : null, login ? server.password() : null, ADDRESS, message, ADDRESS);
        }
    };

    static final String USER = "user";
    static final String ADDRESS = "user@localhost";

    /** What a command is made of; the message and the authority of the server's certificate are files. */
    record Job(Way way, String port, String password, String authority, String message) {}

    abstract List<String> command(Job job);

    /** What the file holds that it is to send. */
    String file(String message) {
        return message;
    }

    /** What it reads from standard input. */
    String input(String message) {
        return "";
    }

    /** Sends the message to the user of a new server, and returns when the server has taken it. */
    void send(Path scratch, EhloProcess server, Way way, String message) throws Exception {
        Path file = Files.createTempFile(scratch, "message", "");
        Files.writeString(file, file(message), StandardCharsets.ISO_8859_1);
        Job job = new Job(
                way,
                String.valueOf(server.port(way.profile)),
                server.password(),
                scratch.resolve("data/tls/cert.pem").toString(),
                file.toString());
        Map<String, String> environment = Map.of("NODE_PATH", Peers.nodeModules());
        EhloProcess.Result result = EhloProcess.exec(scratch, input(message), environment, command(job));
        if (result.exitCode() != 0) {
            throw new IOException(this + " has failed: " + result.all());
        }
    }

    private static List<String> script(Job job, String interpreter, String option, String script) {
        String password = job.way().hasLogin() ? job.password() : "";
        return List.of(
                interpreter,
                option,
                script,
                job.way().tls.toString(),
                job.port(),
                job.authority(),
                job.message(),
                password,
                USER,
                ADDRESS);
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.TlsContext;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command line answers without a server: bad options in one line each, and the management of logins. */
class CommandLineTest {
    @TempDir
    private Path scratch;

    private record Result(int exitCode, String out, String err) {}

    private static Result run(String input, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Ehlo.commandLine(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return new Result(command.execute(arguments), out.toString(), err.toString());
    }

    @Test
    void saysInOneLineThatTheDataDirectoryIsNone() throws Exception {
        Path file = Files.createFile(scratch.resolve("file"));
        assertUnusable(file.toString(), "serve", "--data", file.toString());
        assertUnusable(file.toString(), "serve", "--data", file.resolve("below").toString());
    }

    @Test
    void saysInOneLineWhatIsWrongWithAnOption() {
        String data = scratch.resolve("data").toString();
        assertUnusable("--prot", "serve", "--data", data, "--prot", "mx=25");
        assertUnusable("smtp", "serve", "--data", data, "--port", "smtp=25");
        assertUnusable("70000", "serve", "--data", data, "--port", "mx=70000");
        assertUnusable("10.0.0.0/33", "serve", "--data", data, "--relay-from", "10.0.0.0/33");
        assertUnusable("10.0.0.0/34", "serve", "--data", data, "--deny", "10.0.0.0/34");
        assertUnusable("often", "serve", "--data", data, "--login-rate", "often");
        assertUnusable("--destination-window: not a number", "serve", "--data", data, "--destination-window", "101");
        assertUnusable("--destination-recipients: not", "serve", "--data", data, "--destination-recipients", "0");
        assertUnusable("--destination-rate: not a rate", "serve", "--data", data, "--destination-rate", "0/h");
        assertUnusable("in up to 30d", "serve", "--data", data, "--destination-rate", "5/31d");
        assertUnusable("--suppress-after: not a rate", "serve", "--data", data, "--suppress-after", "3");
        assertUnusable(
                "--suppress-for: not a time",
                "serve",
                "--data",
                data,
                "--suppress-after",
                "3/d",
                "--suppress-for",
                "ever");
        assertUnusable(
                "up to 100 years", "serve", "--data", data, "--suppress-after", "3/d", "--suppress-for", "36526d");
        assertUnusable("connections: 0", "serve", "--data", data, "--max-connections", "0");
        assertUnusable("soon", "serve", "--data", data, "--retry", "soon");
        assertUnusable("--smarthost: not a port: x", "serve", "--data", data, "--smarthost", "mail.example:x");
        assertUnusable("--smarthost: not a region", "serve", "--data", data, "--smarthost", "ses:nowhere");
        assertUnusable(
                "not for mail to a --smarthost", "serve", "--data", data, "--smarthost", "h:1", "--tls-reports", "a@b");
        assertUnusable("with a domain is needed", "serve", "--data", data, "--tls-reports", "postmaster");
        assertUnusable("from its users alone", "serve", "--data", data, "--smarthost", "gmail");
        assertUnusable("go with --smarthost", "serve", "--data", data, "--smarthost-user", "me");
        assertUnusable(
                "go with --smarthost-user",
                "serve",
                "--data",
                data,
                "--smarthost",
                "h:1",
                "--smarthost-password-file",
                "p");
        assertUnusable(
                "no password for me", "serve", "--data", data, "--smarthost", "sendgrid", "--smarthost-user", "me");
        assertUnusable(
                "--smarthost-token-file: ",
                "serve",
                "--data",
                data,
                "--smarthost",
                "gmail",
                "--smarthost-user",
                "me",
                "--smarthost-token-file",
                "none");
        assertUnusable("go with --user", "check", "a.example:587", "--token-file", "none");
        assertUnusable("go with --user", "check", "a.example:587", "--password-file", "none");
        assertUnusable("one of them alone", "check", "a.example:587", "--user", "a:b", "--token-file", "none");
        assertUnusable("--token-file: ", "check", "a.example:587", "--user", "a", "--token-file", "none");
        assertUnusable("--cert", "serve", "--data", data, "--cert", "chain.pem");
        assertUnusable("bad host", "serve", "--data", data, "--host", "bad host");
        assertUnusable("perhaps", "serve", "--data", data, "--durability", "perhaps");
        assertUnusable("which command");
        assertUnusable("'serf'", "serf");
        assertUnusable("--tls", "send", "--server", "h:1", "--tls", "maybe", "--from", "", "--to", "a@b.example");
        assertUnusable(
                "goes with HOST:PORT", "send", "--server", "h", "--tls", "none", "--from", "", "--to", "a@b.example");
        assertUnusable("--server", "send", "--from", "", "--to", "a@b.example");
        assertUnusable("not a mailbox", "send", "--server", "h:1", "--from", "a@b\r\nRSET", "--to", "a@b.example");
        assertUnusable("no such file", "send", "--server", "h:1", "--from", "", "--to", "a@b.example", data);
    }

    @Test
    void saysInOneLineWhatIsWrongWithALoad() throws Exception {
        Path empty = Files.createFile(scratch.resolve("empty"));
        assertUnusable("HOST:PORT", "load");
        assertUnusable("expected HOST:PORT", "load", "localhost");
        assertUnusable("--connections", "load", "h:1", "--connections", "0");
        assertUnusable("--in-flight", "load", "h:1", "--in-flight", "-1");
        assertUnusable("--recipients", "load", "h:1", "--recipients", "-1");
        assertUnusable("--per-connection", "load", "h:1", "--per-connection", "-1");
        assertUnusable("--messages", "load", "h:1", "--messages", "0");
        assertUnusable("--rate", "load", "h:1", "--rate", "-1");
        assertUnusable("--rate", "load", "h:1", "--rate", "NaN");
        assertUnusable("not a time", "load", "h:1", "--duration", "soon");
        assertUnusable("not a size", "load", "h:1", "--size", "big");
        assertUnusable("at least", "load", "h:1", "--size", "10");
        assertUnusable("not a mailbox", "load", "h:1", "--to", "nobody");
        assertUnusable("not a mailbox", "load", "h:1", "--from", "a@b\r\nRSET");
        assertUnusable("--tls", "load", "h:1", "--tls", "maybe");
        assertUnusable("no password", "load", "h:1", "--user", "u", "--password-file", empty.toString());
        assertUnusable("--password-file", "load", "h:1", "--user", "u", "--password-file", empty + "none");
    }

    @Test
    void saysInOneLineWhatIsWrongWithACheck() throws Exception {
        Path empty = Files.createFile(scratch.resolve("empty"));
        assertUnusable("Missing required parameter", "check");
        assertUnusable("not a host, a domain or an address: a b", "check", "a b");
        assertUnusable("not a port: 0", "check", "a.example:0");
        assertUnusable("check what is between its brackets", "check", "a@[192.0.2.1]");
        assertUnusable("--port is such as mx=25", "check", "a.example", "--port", "smtp=25");
        assertUnusable("not a port", "check", "a.example", "--port", "mx");
        assertUnusable("--timeout: not a time", "check", "a.example", "--timeout", "soon");
        assertUnusable("--timeout: up to 5m", "check", "a.example", "--timeout", "1h");
        assertUnusable("--dns: an address", "check", "a.example", "--dns", "ns.example");
        assertUnusable("--dane perhaps", "check", "a.example", "--dane", "perhaps");
        assertUnusable("not a mailbox", "check", "a.example", "--rcpt", "a@b\r\nDATA");
        assertUnusable("--from: ASCII alone", "check", "a.example", "--from", "b\u00fc@a.example");
        assertUnusable("--ca: ", "check", "a.example", "--ca", empty + "none");
        assertUnusable("--ca: ", "check", "a.example", "--ca", empty.toString());
        assertUnusable("no password", "check", "a.example", "--user", "u", "--password-file", empty.toString());
    }

    @Test
    void managesLogins() {
        String data = scratch.resolve("data").toString();
        assertThat(run("secret\n", "user", "add", "bob", "--password-stdin", "--data", data))
                .isEqualTo(new Result(0, "added bob\n", ""));
        assertThat(run("", "user", "add", "alice", "--data", data).out())
                .matches("added alice, password [A-Za-z2-9]{20}\n");
        assertThat(run("", "user", "list", "--data", data).out()).isEqualTo("bob\nalice\n");
        assertThat(run("", "user", "remove", "bob", "--data", data)).isEqualTo(new Result(0, "removed bob\n", ""));
        assertThat(run("", "user", "list", "--data", data).out()).isEqualTo("alice\n");
        assertUnusable("no login bob", "user", "remove", "bob", "--data", data);
        assertUnusable("1 to 64", "user", "add", "../evil", "--data", data);
        assertUnusable("no password", "user", "add", "carol", "--password-stdin", "--data", data);
        assertUnusable("subcommand", "user");
    }

    @Test
    void managesPasswordsOfApplications() {
        String data = scratch.resolve("data").toString();
        run("secret\n", "user", "add", "bob", "--password-stdin", "--data", data);
        assertThat(run("", "user", "app-password", "add", "bob", "phone", "--data", data)
                        .out())
                .matches("added phone for bob, password [A-Za-z2-9]{20} \\(shown this once\\)\n");
        assertThat(run("", "user", "app-password", "list", "bob", "--data", data))
                .isEqualTo(new Result(0, "phone\n", ""));
        assertThat(run("", "user", "app-password", "only", "bob", "--data", data)
                        .exitCode())
                .isZero();
        assertThat(run("", "user", "app-password", "remove", "bob", "phone", "--data", data))
                .isEqualTo(new Result(0, "removed phone of bob\n", ""));
        assertUnusable("no password for phone", "user", "app-password", "remove", "bob", "phone", "--data", data);
        assertUnusable("no login carol", "user", "app-password", "add", "carol", "phone", "--data", data);
        assertUnusable("no login carol", "user", "app-password", "list", "carol", "--data", data);
        assertUnusable("1 to 64", "user", "app-password", "add", "bob", "a b", "--data", data);
        assertUnusable("subcommand", "user", "app-password");
    }

    @Test
    void managesCertificates() throws Exception {
        String data = scratch.resolve("data").toString();
        Path pem = scratch.resolve("bob.pem");
        TlsContext.writeSelfSigned(pem, scratch.resolve("bob.key"), List.of("bob.example"));
        run("secret\n", "user", "add", "bob", "--password-stdin", "--data", data);
        Result added = run("", "user", "certificate", "add", "bob", pem.toString(), "--data", data);
        assertThat(added.out()).matches("added certificate [0-9a-f]{64} for bob\n");
        String digits = added.out().split(" ", -1)[2];
        assertThat(run("", "user", "certificate", "list", "bob", "--data", data).out())
                .isEqualTo(digits + "\n");
        String shown = digits.toUpperCase(Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
        assertThat(run("", "user", "certificate", "remove", "bob", shown, "--data", data)
                        .exitCode())
                .isZero();
        assertUnusable("no certificate", "user", "certificate", "remove", "bob", digits, "--data", data);
        assertUnusable(
                "no certificate",
                "user",
                "certificate",
                "add",
                "bob",
                scratch.resolve("bob.key").toString(),
                "--data",
                data);
        assertUnusable(
                "NoSuchFile",
                "user",
                "certificate",
                "add",
                "bob",
                scratch.resolve("none").toString(),
                "--data",
                data);
        assertUnusable("subcommand", "user", "certificate");
    }

    @Test
    void saysInOneLineWhatIsMissingForTokens() throws Exception {
        String data = scratch.resolve("data").toString();
        String none = scratch.resolve("none").toString();
        Path empty = Files.writeString(scratch.resolve("jwks"), "{\"keys\":[]}");
        String rules = "--token-issuer=https://id.example.org";
        assertUnusable("--token-issuer", "serve", "--data", data, "--token-jwks", none);
        assertUnusable("--token-jwks", "serve", "--data", data, rules);
        assertUnusable("NoSuchFile", "serve", "--data", data, rules, "--token-audience=mail", "--token-jwks", none);
        assertUnusable(
                "no public key",
                "serve",
                "--data",
                data,
                rules,
                "--token-audience=mail",
                "--token-jwks",
                empty.toString());
        assertUnusable(
                "not a URL of https",
                "serve",
                "--data",
                data,
                rules,
                "--token-audience=mail",
                "--token-jwks",
                "http://id.example.org/");
        assertUnusable("choose one", "serve", "--data", data, "--token-jwks", none, "--token-introspection", none);
        assertUnusable("--token-client", "serve", "--data", data, "--token-introspection", "https://id.example.org/");
        assertUnusable(
                "EHLO_TOKEN_SECRET",
                "serve",
                "--data",
                data,
                "--token-introspection",
                "https://id.example.org/",
                "--token-client=mail");
        assertUnusable(
                "--token-secret-file",
                "serve",
                "--data",
                data,
                "--token-introspection",
                "https://id.example.org/",
                "--token-client=mail",
                "--token-secret-file",
                none);
    }

    @Test
    void saysInOneLineThatNoServerIsThereToBeAsked() throws Exception {
        Path data = scratch.resolve("data");
        for (String verb : List.of("status", "hold", "release", "resume")) {
            assertUnusable("no server", "queue", verb, "--data", data.toString());
        }
        assertThat(data).as("made by whoever only asks").doesNotExist();
        assertUnusable(
                "too long",
                "queue",
                "status",
                "--data",
                scratch.resolve("x".repeat(120)).toString());
        assertUnusable("subcommand", "queue");
    }

    @Test
    void explainsEachCommand() {
        for (String command : List.of(
                "serve",
                "send",
                "sink",
                "load",
                "user",
                "user add",
                "user list",
                "user remove",
                "user app-password",
                "user app-password add",
                "user app-password list",
                "user app-password remove",
                "user app-password only",
                "user certificate",
                "user certificate add",
                "user certificate list",
                "user certificate remove",
                "queue",
                "queue status",
                "queue hold",
                "queue release",
                "queue resume")) {
            String[] words = (command + " --help").split(" ", -1);
            Result result = run("", words);
            assertThat(result.exitCode()).isZero();
            assertThat(result.out()).contains("Usage: ehlo " + command);
        }
    }

    private static void assertUnusable(String reason, String... arguments) {
        Result result = run("", arguments);
        assertThat(result.exitCode()).as(result.toString()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines().toList()).as("one line").hasSize(1);
        assertThat(result.err()).startsWith("ehlo: ").contains(reason);
    }

    @Test
    void loadsTheCommandAloneThatIsNamed() {
        InputStream in = InputStream.nullInputStream();

        assertThat(Ehlo.commandLine(in, "queue", "list").getSubcommands()).containsOnlyKeys("queue");
        assertThat(Ehlo.commandLine(in, "--help").getSubcommands())
                .containsOnlyKeys("serve", "send", "sink", "load", "user", "queue", "check", "selftest");
    }
}

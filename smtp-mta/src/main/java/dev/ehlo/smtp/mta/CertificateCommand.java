package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code ehlo user certificate}: which client certificates are whose, for logins by EXTERNAL. */
@Command(
        name = "certificate",
        description = "Manage the client certificates that a login may be proved by (EXTERNAL).",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(add | list | remove)")
final class CertificateCommand {
    @Spec
    private CommandSpec spec;

    @ParentCommand
    private UserCommand parent;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    CertificateCommand() {}

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Let whoever has its key log in, until the certificate expires.")
    int add(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "FILE", description = "The certificate in PEM; of a chain the first one.")
                    Path file)
            throws IOException, Failure {
        say("added certificate " + parent.users().addCertificate(name, read(file)) + " for " + name);
        return Ehlo.DONE;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "List the SHA-256 of each.")
    int list(@Parameters(paramLabel = "NAME") String name) throws IOException, Failure {
        new TreeSet<>(parent.users().login(name).certificates()).forEach(this::say);
        return Ehlo.DONE;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Let nobody log in by it from now on.")
    int remove(
            @Parameters(paramLabel = "NAME") String name,
            @Parameters(paramLabel = "SHA-256", description = "As list has it; colons and capitals do no harm.")
                    String fingerprint)
            throws IOException, Failure {
        String digits = fingerprint.replace(":", "").toLowerCase(Locale.ROOT);
        parent.users().removeCertificate(name, digits);
        say("removed certificate " + digits + " of " + name);
        return Ehlo.DONE;
    }

    private static X509Certificate read(Path file) throws IOException, Failure {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException e) {
            throw new Failure("no certificate in " + file, e);
        }
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
    }
}

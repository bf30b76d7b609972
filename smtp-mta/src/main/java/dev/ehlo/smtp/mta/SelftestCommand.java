package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.selftest.Attack;
import dev.ehlo.smtp.mta.selftest.Campaign;
import dev.ehlo.smtp.mta.selftest.Catalogue;
import dev.ehlo.smtp.mta.selftest.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ehlo selftest}: a server of these options attacked on loopback. */
@Command(
        name = "selftest",
        description =
                "Start a server as serve does, on free ports of loopback and with data of its own that is deleted "
                        + "again, attack it in every way there is a defence against, and tell what held.",
        mixinStandardHelpOptions = true)
final class SelftestCommand implements Callable<Integer> {
    /** The RFCs' five minutes pass in 25 s. */
    private static final int FACTOR = 12;

    private static final int ATTACKERS = 12;
    private static final int WAITERS = 48;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions options;

    @Option(names = "--json", description = "Print one object of JSON.")
    private boolean json;

    @Option(
            names = "--only",
            paramLabel = "ID",
            split = ",",
            description = "Only the attacks of these numbers, as A1 or G, in place of all.")
    private List<String> only = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    SelftestCommand() {}

    @Override
    public Integer call() throws Failure, IOException, InterruptedException {
        List<Attack> attacks = Catalogue.all().stream().filter(this::isWanted).toList();
        if (attacks.isEmpty()) {
            throw new Failure("--only " + String.join(",", only) + ": no such attack");
        }
        long start = System.nanoTime();
        Report report;
        try (RehearsedServers servers = RehearsedServers.start(options, FACTOR)) {
            Campaign campaign = new Campaign(servers.sites(), ATTACKERS, WAITERS);
            report = new Report(campaign.run(attacks), FACTOR, (System.nanoTime() - start) / 1e9);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.json());
        } else {
            report.print(out);
        }
        out.flush();
        return report.isHeld() ? Ehlo.DONE : Ehlo.NOT_ALL_ACCEPTED;
    }

    private boolean isWanted(Attack attack) {
        return only.isEmpty()
                || only.stream()
                        .anyMatch(id -> attack.id().equals(id)
                                || id.length() == 1 && attack.id().startsWith(id));
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.testkit.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ehlo check} in a network of its own that has nothing but loopback: with nft for a firewall, nsd for DNS, and a
 * server of policies at the port that these have. Needs root.
 */
class CheckNetworkIT {
    /** Opens a port for submission, and looks. */
    private static final String SCRIPT = """
            set -e
            cd "$SCRATCH"
            trap 'kill $(jobs -p); wait' EXIT
            ip link set lo up
            nft add table inet filter
            nft add chain inet filter input '{ type filter hook input priority 0; }'
            if [[ -n $RULE ]]; then nft "$RULE"; fi
            nsd -d -c nsd.conf >nsd.out 2>&1 &
            openssl s_server -accept 127.0.0.1:443 -cert cert.pem -key key.pem -HTTP >https.out 2>&1 &
            "$EHLO" sink --port 587 >sink.out &
            until grep -q 587 sink.out; do sleep 0.1; done
            listening() { until (: </dev/tcp/127.0.0.1/$1) 2>/dev/null; do sleep 0.1; done; }
            listening 53
            listening 443
            EHLO_JAVA_OPTS="-Djdk.net.hosts.file=$SCRATCH/hosts" "$EHLO" check --timeout 6s "$@"
            """;

    private static final String NSD = """
            server:
              ip-address: 127.0.0.1
              username: ""
              chroot: ""
              zonesdir: "SCRATCH"
              database: ""
              pidfile: "SCRATCH/nsd.pid"
              zonelistfile: "SCRATCH/zone.list"
              xfrdfile: "SCRATCH/xfrd.state"
              xfrdir: "SCRATCH"
            remote-control:
              control-enable: no
            zone:
              name: example
              zonefile: example
            zone:
              name: 2.0.192.in-addr.arpa
              zonefile: reverse
            """;

    private static final String AUTHORITY = "@ 60 IN SOA ns. h. 1 60 60 60 60\n@ 60 IN NS ns.example.\n";

    @TempDir
    private Path scratch;

    @BeforeAll
    static void needs() {
        for (String program : List.of("nft", "ip", "nsd")) {
            Peers.installed("/usr/sbin/" + program, "/sbin/" + program);
        }
        Peers.installed("/usr/bin/unshare");
        Peers.installed("/usr/bin/openssl");
        assumeTrue(System.getProperty("user.name").equals("root"), "a network of its own needs root");
    }

    private String check(String rule, String word, String... arguments) throws Exception {
        Files.writeString(scratch.resolve("nsd.conf"), NSD.replace("SCRATCH", scratch.toString()));
        Files.writeString(scratch.resolve("example"), AUTHORITY + """
                named 60 IN A 192.0.2.9
                sts 60 IN MX 10 mx.sts
                mx.sts 60 IN A 127.0.0.1
                _mta-sts.sts 60 IN TXT "v=STSv1; id=1;"
                """);
        Files.writeString(scratch.resolve("reverse"), AUTHORITY + "2 60 IN PTR named.example.\n");
        Files.writeString(scratch.resolve("hosts"), "127.0.0.1 mta-sts.sts.example\n");
        Path policy = Files.createDirectories(scratch.resolve(".well-known")).resolve("mta-sts.txt");
        String said = "version: STSv1\nmode: enforce\nmx: other.sts.example\nmax_age: 86400\n";
        Files.writeString(
                policy,
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + said.length()
                        + "\r\nConnection: close\r\n\r\n" + said);
        TestCertificate.selfSigned("mta-sts.sts.example")
                .writePem(scratch.resolve("cert.pem"), scratch.resolve("key.pem"));
        List<String> command = new ArrayList<>(List.of("unshare", "-n", "bash", "-c", SCRIPT, "check"));
        command.addAll(List.of(arguments));
        EhloProcess.Result result = EhloProcess.exec(
                scratch,
                "",
                Map.of("RULE", rule, "EHLO", EhloProcess.SCRIPT.toString(), "SCRATCH", scratch.toString()),
                command);
        assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
        return result.out()
                .replaceAll("\\n {7}(?=\\S)", " ")
                .lines()
                .filter(line -> line.startsWith(word))
                .findFirst()
                .orElseGet(result::all);
    }

    @Test
    void aPortThatIsFiltered() throws Exception {
        assertThat(check("add rule inet filter input tcp dport 465 drop", "WRONG", "127.0.0.1:465"))
                .startsWith(
                        "WRONG  127.0.0.1:465: nothing answers, as the host is down or a firewall drops packets to the port");
    }

    @Test
    void aPortThatARouterRefuses() throws Exception {
        String rule = "add rule inet filter input tcp dport 465 reject with icmpx type admin-prohibited";
        assertThat(check(rule, "WRONG", "127.0.0.1:465"))
                .startsWith("WRONG  127.0.0.1:465: it can't be reached, says somebody on the way: ");
    }

    @Test
    void aBlocked25() throws Exception {
        assertThat(check("add rule inet filter input tcp dport 25 drop", "WRONG", "127.0.0.1"))
                .isEqualTo("WRONG  127.0.0.1:25: port 25 is blocked on the way, while other ports of the host answer; "
                        + "submit by port 587 with a login, or ask the provider of this network to open it.");
    }

    @Test
    void addressesWithoutAGoodName() throws Exception {
        String rule = "add rule inet filter input ip daddr 192.0.2.0/24 drop";
        assertThat(check(rule, "ADVICE", "192.0.2.1:25", "--dns", "127.0.0.1"))
                .startsWith(
                        "ADVICE 192.0.2.1: the address has no name (PTR), and mail that it sends is refused by many;");
        assertThat(check(rule, "ADVICE", "192.0.2.2:25", "--dns", "127.0.0.1"))
                .startsWith("ADVICE 192.0.2.2: its name (PTR), named.example, does not have that address, and mail");
    }

    @Test
    void aHostThatThePolicyDoesNotName() throws Exception {
        String ca = scratch.resolve("cert.pem").toString();
        assertThat(check("", "WRONG", "sts.example", "--dns", "127.0.0.1", "--port", "mx=587", "--ca", ca))
                .isEqualTo(
                        "WRONG  mx.sts.example: the domain's MTA-STS policy does not name this host, so that mail to it "
                                + "waits; add mx: mx.sts.example to the policy, and change the id in the TXT record at "
                                + "_mta-sts.sts.example.");
    }
}

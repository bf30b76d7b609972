package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.MxResolver;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MxLanesTest {
    private static MxHost host(String name, int preference) {
        return new MxHost(name, preference, List.of(InetAddress.getLoopbackAddress()));
    }

    private static final MxHost ONE = host("mx1.example.net", 10);
    private static final Map<String, MxAnswer> DNS = Map.of(
            "a.test", new MxAnswer.Hosts(List.of(ONE, host("mx2.example.net", 20))),
            "b.test", new MxAnswer.Hosts(List.of(host("MX2.example.net", 5), ONE)),
            "c.test", new MxAnswer.Hosts(List.of(ONE)),
            "mx1.example.net", new MxAnswer.Hosts(List.of(host("mx1.example.net", 0))),
            "none.test", new MxAnswer.NullMx(),
            "many.test",
                    new MxAnswer.Hosts(IntStream.range(0, 100)
                            .mapToObj(i -> host("mx" + i + ".example.net", 10))
                            .toList()));
    private final MxResolver resolver =
            domain -> CompletableFuture.completedFuture(DNS.getOrDefault(domain, new MxAnswer.TemporaryFailure()));
    private final MxLanes lanes = new MxLanes(resolver, "local");

    private String of(String destination) {
        return lanes.of(destination).toCompletableFuture().join();
    }

    @Test
    void domainsOfTheSameHostsAreOneDestination() {
        assertThat(of("a.test")).isEqualTo("mx1.example.net,mx2.example.net").isEqualTo(of("b.test"));
        assertThat(of("c.test")).isEqualTo("mx1.example.net").isEqualTo(of("mx1.example.net"));
    }

    @Test
    void everybodyElseIsOnTheirOwn() {
        for (String each : List.of("none.test", "many.test", "unknown.test", "local", "", "[192.0.2.1]")) {
            assertThat(of(each)).isEqualTo(each);
        }
    }
}

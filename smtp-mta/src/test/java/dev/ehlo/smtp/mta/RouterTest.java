package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final MessageSource CONTENT = MessageSource.of(new byte[0]);

    private final List<String> attempts = new ArrayList<>();
    private final Router router = new Router(r -> r.mailbox().isAt("localhost"), agent("local"), agent("remote"));

    private DeliveryAgent agent(String name) {
        return (envelope, content) -> {
            attempts.add(name + envelope.recipients());
            return CompletableFuture.completedFuture(
                    DeliveryReport.forEach(envelope, r -> RecipientOutcome.replied(r, Reply.of(250, name), null)));
        };
    }

    private List<String> route(String... recipients) {
        Envelope envelope = Envelope.from("").to(recipients);
        List<RecipientOutcome> outcomes =
                router.deliver(envelope, CONTENT).join().outcomes();
        assertThat(outcomes.stream().map(RecipientOutcome::recipient)).containsExactlyElementsOf(envelope.recipients());
        return outcomes.stream().map(o -> o.reply().text()).toList();
    }

    @Test
    void sendsEachRecipientItsWayAndReportsInTheEnvelopesOrder() {
        assertThat(route("a@x.example", "b@localhost", "c@x.example", "d@LOCALHOST"))
                .containsExactly("remote", "local", "remote", "local");
        assertThat(attempts).containsExactly("local[b@localhost, d@LOCALHOST]", "remote[a@x.example, c@x.example]");
    }

    @Test
    void asksOneAgentAloneWhereThatIsEnough() {
        assertThat(route("a@x.example")).containsExactly("remote");
        assertThat(route("b@localhost")).containsExactly("local");
        assertThat(attempts).hasSize(2);
    }
}

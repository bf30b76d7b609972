package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class DeliveryAgentTest {
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.net");
    private static final MessageSource CONTENT = MessageSource.of(new byte[0]);

    @Test
    void whoMayWaitGetsTheReport() throws Exception {
        DeliveryReport report = new DeliveryReport(List.of());
        DeliveryAgent agent = (envelope, content) -> CompletableFuture.completedFuture(report);
        assertThat(agent.deliverAndWait(ENVELOPE, CONTENT)).isSameAs(report);
    }

    @Test
    void aDefectIsThrown() {
        IllegalStateException defect = new IllegalStateException("a defect");
        DeliveryAgent agent = (envelope, content) -> CompletableFuture.failedFuture(defect);
        assertThatThrownBy(() -> agent.deliverAndWait(ENVELOPE, CONTENT))
                .isInstanceOf(CompletionException.class)
                .hasCause(defect);
    }

    @Test
    void whoIsInterruptedGivesTheDeliveryUp() {
        CompletableFuture<DeliveryReport> report = new CompletableFuture<>();
        DeliveryAgent agent = (envelope, content) -> report;
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> agent.deliverAndWait(ENVELOPE, CONTENT)).isInstanceOf(InterruptedException.class);
        assertThat(report).isCancelled();
        assertThat(Thread.interrupted()).isFalse();
    }
}

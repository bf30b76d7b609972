package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightEventsTest {
    @TempDir
    private Path scratch;

    @Test
    void standInARecording() throws Exception {
        ServerEvents flight = FlightEvents.ifPossible().orElseThrow();
        SessionInfo session = Sessions.from("192.0.2.7");
        Path file = scratch.resolve("smtp.jfr");
        try (Recording recording = new Recording()) {
            for (String name : List.of("Session", "Transaction", "LoginFailed")) {
                recording.enable("dev.ehlo.smtp." + name);
            }
            recording.start();
            flight.loginFailed(session, "eve", Mechanism.LOGIN, Refusal.BAD_CREDENTIALS);
            flight.transaction(Sessions.accepted(session, 2, 1));
            flight.disconnected(
                    new SessionSummary(session, 5_000_000, 300, 200, 1, 1, 1, 0, SessionSummary.End.QUIT, null));
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        assertThat(events)
                .extracting(event -> event.getEventType().getName())
                .containsExactlyInAnyOrder(
                        "dev.ehlo.smtp.LoginFailed", "dev.ehlo.smtp.Transaction", "dev.ehlo.smtp.Session");
        for (RecordedEvent event : events) {
            assertThat(event.getString("session")).isEqualTo("id1");
            switch (event.getEventType().getLabel()) {
                case "SMTP transaction" -> {
                    assertThat(event.getInt("recipients")).isEqualTo(2);
                    assertThat(event.getDuration("time")).isEqualTo(Duration.ofMillis(2));
                }
                case "SMTP session" -> assertThat(event.getString("end")).isEqualTo("QUIT");
                default -> assertThat(event.getString("login")).isEqualTo("eve");
            }
        }
    }
}

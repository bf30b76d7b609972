package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every client by every way it can go, and what it sent found octet for octet in the Maildir. */
class ClientsIT {
    @TempDir
    private static Path scratch;

    private static EhloProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = EhloProcess.serve(scratch.resolve("data"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> clientsAndWays() {
        return Stream.of(MailClient.values())
                .flatMap(client -> Stream.of(Way.values()).map(way -> Arguments.of(client, way)));
    }

    @ParameterizedTest
    @MethodSource("clientsAndWays")
    void sendsMessagesOctetForOctet(MailClient client, Way way) throws Exception {
        String name = client + "-" + way;
        List<String> messages = List.of(Mail.awkward(name), Mail.empty(name + "-empty"));
        for (String message : messages) {
            client.send(scratch, server, way, message);
        }
        for (String message : messages) {
            String arrived = Mail.arrived(scratch.resolve("data"), MailClient.USER, message);
            assertThat(Mail.withoutTrace(arrived, "Return-Path")).isEqualTo(message);
            assertThat(arrived).contains(" with " + way.protocol + " id ");
        }
    }
}

package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import picocli.CommandLine;

/** A server that hands its mail to a submission service, and a user who does so: named, or found in DNS. */
class SmarthostIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private static Path scratch;

    private static Path theirs;
    private static Settings settings;
    private static MailServer service;

    @BeforeAll
    static void start() throws Exception {
        theirs = scratch.resolve("service");
        for (String user : List.of("user", "relayed", "found")) {
            Ehlo.commandLine(new ByteArrayInputStream("secret\n".getBytes(StandardCharsets.UTF_8)))
                    .setOut(new PrintWriter(Writer.nullWriter()))
                    .execute("user", "add", user, "--password-stdin", "--data", theirs.toString());
        }
        settings = settings(theirs, "--host", "a.example");
        service = MailServer.start(settings, Clock.systemUTC());
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private static Settings settings(Path data, String... options) throws Failure {
        List<String> all = new ArrayList<>(List.of("--data", data.toString()));
        for (String profile : List.of("mx", "submission", "submissions", "alternate")) {
            all.addAll(List.of("--port", profile + "=0"));
        }
        all.addAll(List.of(options));
        return CommandLine.populateCommand(new ServerOptions(), all.toArray(String[]::new))
                .settings();
    }

    private static int port(String profile) {
        return service.addresses(settings).get(profile).getPort();
    }

    private static String certificate() {
        return theirs.resolve("tls/cert.pem").toString();
    }

    /** A server of which that service is the smarthost. */
    private static Settings own(String password) throws Exception {
        Path file = Files.writeString(scratch.resolve("password-" + password), password + "\n");
        return settings(
                scratch.resolve("own-" + password),
                "--relay-from",
                "127.0.0.0/8",
                "--smarthost",
                "localhost:" + port("submission"),
                "--smarthost-user",
                "user",
                "--smarthost-password-file",
                file.toString(),
                "--smarthost-ca",
                certificate());
    }

    private static void send(MailServer own, Settings settings) throws Exception {
        new AngusClient(own.addresses(settings).get("mx").getPort(), AngusClient.Tls.NONE)
                .send(null, null, "user@localhost", Mail.from("user", Mail.awkward("relayed")), "relayed@a.example");
    }

    @Test
    void aServerLogsInAtItsSmarthost() throws Exception {
        Settings ownSettings = own("secret");
        try (MailServer own = MailServer.start(ownSettings, Clock.systemUTC())) {
            send(own, ownSettings);
            assertThat(Mail.arrived(theirs, "relayed", 1).get(0)).contains("with ESMTPSA");
        }
    }

    @Test
    void whatTheSmarthostSaysOfAWrongPasswordIsToldWhileTheMailWaits() throws Exception {
        Settings ownSettings = own("mistyped");
        try (MailServer own = MailServer.start(ownSettings, Clock.systemUTC())) {
            send(own, ownSettings);
            StringWriter out = new StringWriter();
            await().atMost(PATIENCE).until(() -> {
                Ehlo.commandLine(InputStream.nullInputStream())
                        .setOut(new PrintWriter(out, true))
                        .execute(
                                "queue",
                                "list",
                                "--json",
                                "--data",
                                scratch.resolve("own-mistyped").toString());
                return out.toString().contains("535");
            });
        }
    }

    @Test
    void aUserFindsTheServiceOfTheDomain() throws Exception {
        try (SrvZone zone = new SrvZone("_submissions._tcp.a.example.", port("submissions"))) {
            String[] arguments = {
                "-v",
                "--ca",
                certificate(),
                "--user",
                "user@a.example:secret",
                "--from",
                "user@localhost",
                "--to",
                "found@a.example"
            };
            EhloProcess.Result result = send(zone, arguments);
            assertThat(result.exitCode()).as(result.all()).isZero();
            assertThat(result.err()).contains("a.example names localhost:" + port("submissions"));
            assertThat(Mail.arrived(theirs, "found", 1)).hasSize(1);

            arguments[4] = "user@b.example:secret";
            result = send(zone, arguments);
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).contains("b.example names no submission service in its SRV records: --server");
        }
    }

    private static EhloProcess.Result send(SrvZone zone, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "send";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return EhloProcess.exec(
                scratch,
                Mail.from("user", Mail.awkward("found")),
                Map.of("EHLO_JAVA_OPTS", "-Ddns.server=127.0.0.1:" + zone.port()),
                Stream.concat(Stream.of(EhloProcess.SCRIPT.toString()), Arrays.stream(command))
                        .toList());
    }

    /** DNS with one SRV record, which names this host, and nothing beside. */
    private static final class SrvZone implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private final Name owner;
        private final int target;

        SrvZone(String owner, int target) throws Exception {
            this.owner = Name.fromString(owner);
            this.target = target;
            new Thread(this::answer, "dns").start();
        }

        int port() {
            return socket.getLocalPort();
        }

        private void answer() {
            byte[] octets = new byte[1024];
            while (!socket.isClosed()) {
                try {
                    DatagramPacket packet = new DatagramPacket(octets, octets.length);
                    socket.receive(packet);
                    Message answer = new Message(Arrays.copyOf(octets, packet.getLength()));
                    Record question = answer.getQuestion();
                    answer.getHeader().setFlag(Flags.QR);
                    if (question.getType() == Type.SRV && question.getName().equals(owner)) {
                        answer.addRecord(
                                new SRVRecord(owner, DClass.IN, 60, 0, 0, target, Name.fromString("localhost.")),
                                Section.ANSWER);
                    }
                    byte[] out = answer.toWire();
                    socket.send(new DatagramPacket(out, out.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    if (!socket.isClosed()) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        }

        @Override
        public void close() {
            socket.close(); // which ends the thread
        }
    }
}

package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * What servers, name servers and resolvers say stays on its line wherever it is shown: in every line of the log down to
 * the finest, in the dialogue, and in the replies of the report.
 */
@Timeout(60)
class LogForgingTest {
    private static final String EVIL = "x\r\n1970-01-01 ERROR forged\u001b[2J\u009b31m\u0085\u2028\u202e\b\u007f\ty";
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("localhost");

    private final Logger log = (Logger) LoggerFactory.getLogger("dev.ehlo.smtp");
    private final Level level = log.getLevel();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final List<String> dialogue = new CopyOnWriteArrayList<>();
    private SmtpClient client;

    @BeforeEach
    void start() {
        log.setLevel(Level.TRACE);
        lines.start();
        log.addAppender(lines);
        client = SmtpClient.builder()
                .reuse(ConnectionReuse.none())
                .localName("client.example")
                .dialogue(new DialogueListener() {
                    @Override
                    public void sent(String line) {
                        dialogue.add(line);
                    }

                    @Override
                    public void received(String line) {
                        dialogue.add(line);
                    }

                    @Override
                    public void secured(String how) {
                        dialogue.add(how);
                    }
                })
                .build();
    }

    @AfterEach
    void stop() {
        client.close();
        log.detachAppender(lines);
        log.setLevel(level);
    }

    static Stream<ScriptedPeer.Builder> servers() {
        return Stream.of(
                ScriptedPeer.builder(),
                ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()),
                ScriptedPeer.builder().fault("DATA", Fault.reset()),
                ScriptedPeer.builder().greeting(Fault.drop()));
    }

    @ParameterizedTest
    @MethodSource("servers")
    void namesOfHostsStayOnTheirLine(ScriptedPeer.Builder server) throws Exception {
        try (ScriptedPeer peer = server.start()) {
            assertStaysOnItsLine(deliver(answering(new MxHost(EVIL, 10, List.of(loopback()))), peer.port()));
        }
    }

    @Test
    void namesOfHostsThatAreNotReachedStayOnTheirLine() throws Exception {
        int closed;
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            closed = peer.port();
        }
        assertStaysOnItsLine(deliver(answering(new MxHost(EVIL, 10, List.of(loopback()))), closed));
        assertStaysOnItsLine(
                deliver(answering(new MxHost(EVIL, 10, List.of(), true), new MxHost(EVIL, 20, List.of())), closed));
    }

    @Test
    void whatAResolverFailsWithStaysOnItsLine() throws Exception {
        assertStaysOnItsLine(deliver(domain -> CompletableFuture.failedFuture(new UnknownHostException(EVIL)), 25));
        assertStaysOnItsLine(deliver(
                domain -> {
                    throw new IllegalStateException(EVIL, new UnknownHostException(EVIL));
                },
                25));
    }

    @Test
    void namesInDnsStayOnTheirLine() throws Exception {
        try (DnsServer dns = new DnsServer();
                ScriptedPeer peer = ScriptedPeer.accepting()) {
            String evil = "x\\013\\0101970\\027[2J\\155.example";
            dns.record("example.net", "MX", "10 " + evil + ".")
                    .record("example.net", "MX", "20 alias.example.")
                    .record("alias.example", "CNAME", evil + ".")
                    .record(evil, "A", "127.0.0.1");
            assertStaysOnItsLine(deliver(MxResolver.at(dns.address()), peer.port()));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HostilePhase.class,
            names = {"QUIT"},
            mode = EnumSource.Mode.EXCLUDE)
    void whatAServerSaysStaysOnItsLine(HostilePhase phase) throws Exception {
        TlsMode mode = phase == HostilePhase.STARTTLS ? TlsMode.STARTTLS : TlsMode.NONE;
        for (String said :
                List.of("550 5.1.1 %s\r\n", "550-%s\r\n550 no\r\n", "250-%s\r\n250 %s\r\n", "%s\r\n", "421 %s\r\n")) {
            String evil = new String(
                    said.replace("%s", "a\u001b[2J\u009b31m\u0085\u2028\u202e\b\u007f\t\\u000Ab")
                            .getBytes(StandardCharsets.UTF_8),
                    StandardCharsets.ISO_8859_1);
            try (HostileServer server = new HostileServer(
                    v -> phase.reach(v, mode, CERTIFICATE.serverContext(), "").say(evil))) {
                Smarthost host =
                        Smarthost.relay("localhost", server.port()).tls(mode).loginEvenInClear("user", "secret");
                assertStaysOnItsLine(client.to(host)
                        .deliver(Envelope.from("a@example.org").to("b@example.net"), content())
                        .get(30, TimeUnit.SECONDS));
                server.heard();
            }
        }
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }

    private static MxResolver answering(MxHost... hosts) {
        return domain -> CompletableFuture.completedFuture(new MxAnswer.Hosts(List.of(hosts)));
    }

    private static MessageSource content() {
        return MessageSource.of("Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private DeliveryReport deliver(MxResolver resolver, int port) throws Exception {
        return client.toMx(resolver, port)
                .deliver(Envelope.from("a@example.org").to("b@example.net"), content())
                .get(30, TimeUnit.SECONDS);
    }

    private void assertStaysOnItsLine(DeliveryReport report) {
        List<String> shown = new ArrayList<>(dialogue);
        for (ILoggingEvent event : List.copyOf(lines.list)) {
            shown.add(event.getFormattedMessage());
            IThrowableProxy cause = event.getThrowableProxy();
            for (int depth = 0; cause != null && depth < 20; depth++) {
                shown.add(String.valueOf(cause.getMessage()));
                cause = cause.getCause();
            }
        }
        assertThat(report.outcomes()).hasSize(1);
        shown.add(report.outcomes().get(0).reply().toString());
        if (report.outcomes().get(0).status() == DeliveryStatus.RELAYED) {
            assertThat(shown).as("the dialogue is among it").anyMatch(line -> line.startsWith("MAIL FROM"));
        }
        assertThat(shown).allMatch(line -> line.codePoints().noneMatch(LogForgingTest::moves), "stays on its line");
    }

    /** Controls of both sets, marks of direction and of lines. */
    private static boolean moves(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}

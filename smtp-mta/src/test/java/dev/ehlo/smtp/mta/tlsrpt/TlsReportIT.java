package dev.ehlo.smtp.mta.tlsrpt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.MtaSts;
import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpAgent;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.client.StsPolicy;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A day's deliveries, and the report on them as it arrives: taken apart by Angus Mail, judged by jsonschema. */
@Timeout(120)
class TlsReportIT {
    private static final TestCertificate GOOD = TestCertificate.selfSigned("mx.example.com");
    private static final TestCertificate WRONG = TestCertificate.selfSigned("www.example.com");

    /** RFC 8460 §4.4, with nothing let through that it does not name. */
    private static final String SCHEMA = """
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "additionalProperties": false,
             "required": ["organization-name", "date-range", "contact-info", "report-id", "policies"],
             "properties": {
               "organization-name": {"type": "string", "minLength": 1},
               "date-range": {"type": "object", "additionalProperties": false,
                 "required": ["start-datetime", "end-datetime"], "properties": {
                   "start-datetime": {"type": "string", "pattern": "^[0-9-]{10}T[0-9:]{8}Z$"},
                   "end-datetime": {"type": "string", "pattern": "^[0-9-]{10}T[0-9:]{8}Z$"}}},
               "contact-info": {"type": "string", "format": "email"},
               "report-id": {"type": "string", "minLength": 1},
               "policies": {"type": "array", "minItems": 1, "items": {"type": "object", "additionalProperties": false,
                 "required": ["policy", "summary"], "properties": {
                   "policy": {"type": "object", "additionalProperties": false,
                     "required": ["policy-type", "policy-domain"], "properties": {
                       "policy-type": {"enum": ["tlsa", "sts", "no-policy-found"]},
                       "policy-string": {"type": "array", "items": {"type": "string"}},
                       "policy-domain": {"type": "string", "format": "hostname"},
                       "mx-host": {"type": "array", "items": {"type": "string"}}}},
                   "summary": {"type": "object", "additionalProperties": false,
                     "required": ["total-successful-session-count", "total-failure-session-count"], "properties": {
                       "total-successful-session-count": {"type": "integer", "minimum": 0},
                       "total-failure-session-count": {"type": "integer", "minimum": 0}}},
                   "failure-details": {"type": "array", "items": {"type": "object", "additionalProperties": false,
                     "required": ["result-type", "failed-session-count"], "properties": {
                       "result-type": {"enum": ["starttls-not-supported", "certificate-host-mismatch",
                         "certificate-expired", "certificate-not-trusted", "validation-failure", "tlsa-invalid",
                         "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid",
                         "sts-webpki-invalid"]},
                       "sending-mta-ip": {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
                       "receiving-mx-hostname": {"type": "string", "format": "hostname"},
                       "receiving-mx-helo": {"type": "string"},
                       "receiving-ip": {"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
                       "failed-session-count": {"type": "integer", "minimum": 1},
                       "additional-information": {"type": "string", "format": "uri"},
                       "failure-reason-code": {"type": "string"}}}}}}}}}
            """;

    private static final String JUDGE = """
            import json, sys, jsonschema
            report = json.load(open(sys.argv[1]))
            schema = json.load(open(sys.argv[2]))
            jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(report)
            for policy in report["policies"]:
                print(policy["policy"]["policy-domain"], policy["policy"]["policy-type"],
                      policy["policy"].get("policy-string", [""])[-1],
                      policy["summary"]["total-successful-session-count"])
                for failure in policy.get("failure-details", []):
                    print(failure["result-type"], failure["failed-session-count"], failure["receiving-mx-hostname"])
            """;

    @TempDir
    private Path directory;

    private final ManualClock clock = new ManualClock();

    private void deliver(TlsCounts counts, ScriptedPeer... hosts) throws Exception {
        GOOD.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        StsPolicy policy = new StsPolicy(StsPolicy.Mode.ENFORCE, List.of("mx.example.com"), Duration.ofDays(1));
        MtaSts policies = domain -> CompletableFuture.completedFuture(Optional.of(policy));
        try (SmtpClient client = SmtpClient.builder()
                .localName("us.example")
                .reuse(ConnectionReuse.none())
                .trust(ClientTrust.pem(directory.resolve("chain.pem")))
                .mtaSts(policies)
                .tlsEvents(counts)
                .build()) {
            MxAnswer mx = new MxAnswer.Hosts(
                    List.of(new MxHost(
                            "mx.example.com",
                            10,
                            List.of(InetAddress.getLoopbackAddress()),
                            false,
                            new TlsaAnswer.None())),
                    false);
            for (ScriptedPeer each : hosts) {
                client.toMx(domain -> CompletableFuture.completedFuture(mx), each.port())
                        .deliver(
                                Envelope.from("a@example.org").to("b@example.com"),
                                MessageSource.of("Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII)))
                        .get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static ScriptedPeer tls(TestCertificate certificate) throws Exception {
        return ScriptedPeer.builder().startTls(certificate.serverContext()).start();
    }

    @Test
    void arrivesAsTheRfcHasIt() throws Exception {
        TlsCounts counts = TlsCounts.in(directory.resolve("counts"), clock);
        try (ScriptedPeer good = tls(GOOD);
                ScriptedPeer wrong = tls(WRONG);
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            deliver(counts, good, good, wrong, none, none);
        }
        ReceivedMessage report = report(counts);
        assertThat(report.recipients()).containsExactly("reports@example.com");
        MimeMessage message =
                new MimeMessage(Session.getInstance(new Properties()), new ByteArrayInputStream(report.content()));
        assertThat(message.getContentType()).contains("multipart/report", "report-type=\"tlsrpt\"");
        assertThat(message.getSubject())
                .isEqualTo("Report Domain: example.com Submitter: us.example Report-ID:"
                        + " <2026-01-01.example.com@us.example>");
        MimeMultipart parts = (MimeMultipart) message.getContent();
        assertThat(parts.getCount()).isEqualTo(2);
        assertThat(parts.getBodyPart(1).getContentType()).isEqualTo("application/tlsrpt+gzip");
        try (InputStream in = new GZIPInputStream(parts.getBodyPart(1).getInputStream())) {
            assertThat(judged(in.readAllBytes()))
                    .containsExactlyInAnyOrder(
                            "example.com sts max_age: 86400 2",
                            "certificate-not-trusted 1 mx.example.com",
                            "starttls-not-supported 2 mx.example.com");
        }
    }

    /** As it comes by the queue to whom the domain has named. */
    private ReceivedMessage report(TlsCounts counts) throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting();
                SmtpClient client = SmtpClient.builder().localName("us.example").build()) {
            SmtpAgent agent = client.to(Smarthost.relay("127.0.0.1", peer.port()));
            try (MailQueue queue = MailQueue.builder()
                            .spool(Spool.memory())
                            .agent(agent)
                            .hostname("us.example")
                            .start();
                    TlsReporter reporter = new TlsReporter(
                            counts,
                            "us.example",
                            Mailbox.parse("postmaster@us.example"),
                            domain ->
                                    CompletableFuture.completedFuture(List.of(URI.create("mailto:reports@" + domain))),
                            queue::open,
                            HttpClient.newBuilder(),
                            clock,
                            new Random(1))) {
                clock.advance(Duration.ofDays(1).plus(TlsReporter.SPREAD));
                reporter.lookOnce();
                return peer.awaitMessage(Duration.ofSeconds(60));
            }
        }
    }

    private List<String> judged(byte[] json) throws Exception {
        boolean isThere = Files.exists(Path.of("/usr/lib/python3/dist-packages/jsonschema/__init__.py"));
        assertThat(isThere || !"required".equals(System.getenv("EHLO_PEERS")))
                .as("python3-jsonschema must be installed here")
                .isTrue();
        assumeTrue(isThere, "python3-jsonschema is not installed");
        Path report = Files.write(directory.resolve("report.json"), json);
        Path schema = Files.writeString(directory.resolve("schema.json"), SCHEMA);
        Process judge = new ProcessBuilder("/usr/bin/python3", "-c", JUDGE, report.toString(), schema.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(judge.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(judge.waitFor()).as(said).isZero();
        return said.lines().toList();
    }
}

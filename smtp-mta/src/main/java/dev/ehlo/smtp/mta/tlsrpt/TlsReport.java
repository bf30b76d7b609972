package dev.ehlo.smtp.mta.tlsrpt;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.ehlo.smtp.codec.MessageDate;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * What is told to a domain of one day.
 *
 * @param submitter the name of this host
 * @param contact a mailbox at which a person can be asked
 * @param domain who gets it
 * @param day in UTC
 * @param policies one at least
 */
record TlsReport(String submitter, String contact, String domain, LocalDate day, List<Map<String, Object>> policies) {
    private static final int LINE_OCTETS = 76;

    /** The same whenever it is made: who gets it twice knows. RFC 8460 §5.1. */
    String id() {
        return day + "." + domain + "@" + submitter;
    }

    private Instant begin() {
        return day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    /** The last second. */
    private Instant end() {
        return day.plusDays(1).atStartOfDay().toInstant(ZoneOffset.UTC).minusSeconds(1);
    }

    /** RFC 8460 §5.1. */
    String fileName() {
        return submitter + "!" + domain + "!" + begin().getEpochSecond() + "!" + end().getEpochSecond() + ".json.gz";
    }

    /** RFC 8460 §4.4. */
    String json() {
        Map<String, Object> range = new LinkedHashMap<>();
        range.put("start-datetime", begin().toString());
        range.put("end-datetime", end().toString());
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("organization-name", submitter);
        report.put("date-range", range);
        report.put("contact-info", contact);
        report.put("report-id", id());
        report.put("policies", policies);
        return JSONObjectUtils.toJSONString(report);
    }

    byte[] compressed() {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(json().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written to but memory
        }
        return compressed.toByteArray();
    }

    /** The mail that carries it. Nothing of TLS that is reported may hold it up. RFC 8460 §3, §5.3. */
    byte[] message(String to, Instant now) {
        String boundary = "=_" + begin().getEpochSecond() + "." + Long.toHexString(now.toEpochMilli());
        String attached =
                Base64.getMimeEncoder(LINE_OCTETS, new byte[] {'\r', '\n'}).encodeToString(compressed());
        return String.join(
                        "\r\n",
                        "From: <" + contact + ">",
                        "To: <" + to + ">",
                        "Date: " + MessageDate.format(now, ZoneOffset.UTC),
                        "Message-ID: <" + id() + ">",
                        "Subject: Report Domain: " + domain,
                        " Submitter: " + submitter,
                        " Report-ID: <" + id() + ">",
                        "TLS-Report-Domain: " + domain,
                        "TLS-Report-Submitter: " + submitter,
                        "TLS-Required: No",
                        "Auto-Submitted: auto-generated",
                        "MIME-Version: 1.0",
                        "Content-Type: multipart/report; report-type=\"tlsrpt\";",
                        " boundary=\"" + boundary + "\"",
                        "",
                        "--" + boundary,
                        "Content-Type: text/plain; charset=us-ascii",
                        "",
                        "This is a report on TLS of connections from " + submitter,
                        "to the mail exchangers of " + domain,
                        "on " + day + " (UTC), as RFC 8460 has it.",
                        "",
                        "--" + boundary,
                        "Content-Type: application/tlsrpt+gzip",
                        "Content-Transfer-Encoding: base64",
                        "Content-Disposition: attachment;",
                        " filename=\"" + fileName() + "\"",
                        "",
                        attached,
                        "--" + boundary + "--",
                        "")
                .getBytes(StandardCharsets.US_ASCII);
    }
}

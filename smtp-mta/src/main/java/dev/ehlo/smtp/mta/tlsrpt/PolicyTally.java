package dev.ehlo.smtp.mta.tlsrpt;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.ehlo.smtp.client.TlsFailure;
import dev.ehlo.smtp.client.TlsResult;
import java.net.InetAddress;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sessions of one day that went by one policy. Used by one thread at a time. RFC 8460 §4.4. */
final class PolicyTally {
    /** Kinds of failures that are told apart; those of further kinds count in the sum only. */
    static final int MAX_FAILURES = 50;

    private final TlsResult.Policy policy;
    private long good;
    private long bad;
    private final Map<Failure, Long> failures = new LinkedHashMap<>();

    /** What makes two failures the same; empty where it is not known. */
    private record Failure(String type, String from, String host, String to, String reason) {}

    PolicyTally(TlsResult.Policy policy) {
        this.policy = policy;
    }

    void count(TlsResult result) {
        TlsFailure type = result.failure().orElse(null);
        if (type == null) {
            good++;
            return;
        }
        Failure failure = new Failure(
                type.term(),
                result.from().map(InetAddress::getHostAddress).orElse(""),
                result.host(),
                result.to().map(InetAddress::getHostAddress).orElse(""),
                result.reason());
        count(failure, 1);
    }

    private void count(Failure failure, long sessions) {
        bad += sessions;
        if (failures.size() < MAX_FAILURES || failures.containsKey(failure)) {
            failures.merge(failure, sessions, Long::sum);
        }
    }

    TlsResult.Policy policy() {
        return policy;
    }

    /** As reports have it. */
    Map<String, Object> toJson() {
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("policy-type", policy.type().term());
        if (!policy.text().isEmpty()) {
            about.put("policy-string", policy.text());
        }
        about.put("policy-domain", policy.domain());
        if (!policy.hosts().isEmpty()) {
            about.put("mx-host", policy.hosts());
        }
        Map<String, Object> tally = new LinkedHashMap<>();
        tally.put("policy", about);
        tally.put("summary", Map.of("total-successful-session-count", good, "total-failure-session-count", bad));
        if (!failures.isEmpty()) {
            List<Object> details = new ArrayList<>();
            failures.forEach((failure, sessions) -> details.add(json(failure, sessions)));
            tally.put("failure-details", details);
        }
        return tally;
    }

    private static Map<String, Object> json(Failure failure, long sessions) {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("result-type", failure.type());
        put(detail, "sending-mta-ip", failure.from());
        put(detail, "receiving-mx-hostname", failure.host());
        put(detail, "receiving-ip", failure.to());
        detail.put("failed-session-count", sessions);
        put(detail, "failure-reason-code", failure.reason());
        return detail;
    }

    private static void put(Map<String, Object> to, String name, String value) {
        if (!value.isEmpty()) {
            to.put(name, value);
        }
    }

    /** What {@link #toJson} gave. */
    static PolicyTally of(Map<String, Object> json) throws ParseException {
        Map<String, Object> about = object(json, "policy");
        String type = JSONObjectUtils.getString(about, "policy-type");
        PolicyTally tally = new PolicyTally(new TlsResult.Policy(
                Arrays.stream(TlsResult.Type.values())
                        .filter(each -> each.term().equals(type))
                        .findFirst()
                        .orElseThrow(() -> new ParseException("policy-type", 0)),
                strings(about, "policy-string"),
                text(about, "policy-domain"),
                strings(about, "mx-host")));
        Map<String, Object> summary = object(json, "summary");
        tally.good = JSONObjectUtils.getLong(summary, "total-successful-session-count");
        Map<String, Object>[] details = JSONObjectUtils.getJSONObjectArray(json, "failure-details");
        if (details != null) {
            for (Map<String, Object> detail : details) {
                Failure failure = new Failure(
                        text(detail, "result-type"),
                        text(detail, "sending-mta-ip"),
                        text(detail, "receiving-mx-hostname"),
                        text(detail, "receiving-ip"),
                        text(detail, "failure-reason-code"));
                tally.count(failure, JSONObjectUtils.getLong(detail, "failed-session-count"));
            }
        }
        tally.bad = JSONObjectUtils.getLong(summary, "total-failure-session-count");
        return tally;
    }

    private static Map<String, Object> object(Map<String, Object> in, String name) throws ParseException {
        Map<String, Object> object = JSONObjectUtils.getJSONObject(in, name);
        if (object == null) {
            throw new ParseException(name, 0);
        }
        return object;
    }

    private static String text(Map<String, Object> in, String name) throws ParseException {
        @Nullable String text = JSONObjectUtils.getString(in, name);
        return text == null ? "" : text;
    }

    private static List<String> strings(Map<String, Object> in, String name) throws ParseException {
        @Nullable List<String> strings = JSONObjectUtils.getStringList(in, name);
        return strings == null ? List.of() : strings;
    }
}

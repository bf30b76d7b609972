package dev.ehlo.smtp.mta.tlsrpt;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.ehlo.smtp.client.TlsEvents;
import dev.ehlo.smtp.client.TlsResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.text.ParseException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts sessions with mail exchangers by day, domain and policy, and keeps that in a file. Thread-safe. */
public final class TlsCounts implements TlsEvents {
    /** Domains of a day; sessions with others are not counted. */
    static final int MAX_DOMAINS = 10_000;

    /** Policies of a domain on one day; sessions that go by others are not counted. */
    static final int MAX_POLICIES = 20;

    private static final Logger LOG = LoggerFactory.getLogger(TlsCounts.class);

    private final Path file;
    private final InstantSource clock;
    private final TreeMap<LocalDate, Map<String, DomainTally>> days = new TreeMap<>();
    private boolean isChanged;

    private static final class DomainTally {
        private final Map<TlsResult.Policy, PolicyTally> policies = new LinkedHashMap<>();
    }

    private TlsCounts(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /** With what that file has, if it is there; one that can't be read is begun anew, which the log says. */
    public static TlsCounts in(Path file, InstantSource clock) {
        TlsCounts counts = new TlsCounts(file, clock);
        try {
            counts.read(Files.readString(file));
        } catch (NoSuchFileException e) {
            LOG.debug("{} is begun", file);
        } catch (IOException | ParseException | DateTimeParseException e) {
            LOG.warn("what was counted for reports on TLS is lost: {} can't be read", file, e);
            counts.days.clear();
        }
        return counts;
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    @Override
    public synchronized void ended(TlsResult result) {
        DomainTally domain = domain(result.policy().domain());
        PolicyTally tally = domain == null ? null : domain.policies.get(result.policy());
        if (tally == null && domain != null && domain.policies.size() < MAX_POLICIES) {
            tally = new PolicyTally(result.policy());
            domain.policies.put(result.policy(), tally);
        }
        if (tally != null) {
            tally.count(result);
            isChanged = true;
        }
    }

    private @Nullable DomainTally domain(String name) {
        Map<String, DomainTally> domains = days.computeIfAbsent(today(), day -> new LinkedHashMap<>());
        return domains.size() < MAX_DOMAINS || domains.containsKey(name)
                ? domains.computeIfAbsent(name, n -> new DomainTally())
                : null;
    }

    /** The days that are over, and their domains of which there is something to report. */
    synchronized Map<LocalDate, List<String>> over() {
        Map<LocalDate, Map<String, DomainTally>> past = days.headMap(today());
        isChanged |= past.values().removeIf(Map::isEmpty);
        Map<LocalDate, List<String>> over = new TreeMap<>();
        past.forEach((day, domains) -> over.put(day, List.copyOf(domains.keySet())));
        return over;
    }

    /** What a report to that domain tells of that day. */
    synchronized List<Map<String, Object>> policies(LocalDate day, String domain) {
        DomainTally tally = days.getOrDefault(day, Map.of()).get(domain);
        return tally == null
                ? List.of()
                : tally.policies.values().stream().map(PolicyTally::toJson).toList();
    }

    /** That was reported, or will not be. */
    synchronized void remove(LocalDate day, String domain) {
        Map<String, DomainTally> domains = days.get(day);
        if (domains != null) {
            domains.remove(domain);
            isChanged = true;
        }
    }

    /** Keeps what has changed since the last time; a kill loses what came after it. */
    public void keep() throws IOException {
        synchronized (file) { // one at a time
            Map<String, Object> all;
            synchronized (this) {
                if (!isChanged) {
                    return;
                }
                isChanged = false;
                all = all();
            }
            try {
                Path next = file.resolveSibling(file.getFileName() + ".next");
                Files.writeString(next, JSONObjectUtils.toJSONString(all));
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException | RuntimeException e) {
                synchronized (this) {
                    isChanged = true;
                }
                throw e;
            }
        }
    }

    /** As JSON has it. */
    private Map<String, Object> all() {
        Map<String, Object> all = new LinkedHashMap<>();
        days.forEach((day, domains) -> {
            Map<String, Object> each = new LinkedHashMap<>();
            domains.forEach((name, tally) -> each.put(
                    name,
                    Map.of(
                            "policies",
                            tally.policies.values().stream()
                                    .map(PolicyTally::toJson)
                                    .toList())));
            all.put(day.toString(), each);
        });
        return all;
    }

    private void read(String text) throws ParseException {
        Map<String, Object> all = JSONObjectUtils.parse(text);
        for (String day : all.keySet()) {
            Map<String, DomainTally> domains = new LinkedHashMap<>();
            Map<String, Object> each = JSONObjectUtils.getJSONObject(all, day);
            for (String name : each.keySet()) {
                Map<String, Object> kept = JSONObjectUtils.getJSONObject(each, name);
                DomainTally tally = new DomainTally();
                for (PolicyTally policy : tallies(kept)) {
                    tally.policies.put(policy.policy(), policy);
                }
                domains.put(name, tally);
            }
            days.put(LocalDate.parse(day), domains);
        }
    }

    private static Collection<PolicyTally> tallies(Map<String, Object> kept) throws ParseException {
        List<PolicyTally> tallies = new ArrayList<>();
        Map<String, Object>[] policies = JSONObjectUtils.getJSONObjectArray(kept, "policies");
        if (policies == null) {
            throw new ParseException("policies", 0);
        }
        for (Map<String, Object> each : policies) {
            tallies.add(PolicyTally.of(each));
        }
        return tallies;
    }
}

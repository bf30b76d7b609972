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
    private final TreeMap<LocalDate, Map<String, Map<TlsResult.Policy, PolicyTally>>> days = new TreeMap<>();
    private boolean isChanged;
    /** Held by who writes the file. */
    private final Object writing = new Object();

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
        Map<TlsResult.Policy, PolicyTally> domain = domain(result.policy().domain());
        PolicyTally tally = domain == null ? null : domain.get(result.policy());
        if (tally == null && domain != null && domain.size() < MAX_POLICIES) {
            tally = new PolicyTally(result.policy());
            domain.put(result.policy(), tally);
        }
        if (tally != null) {
            tally.count(result);
            isChanged = true;
        }
    }

    private @Nullable Map<TlsResult.Policy, PolicyTally> domain(String name) {
        var domains = days.computeIfAbsent(today(), day -> new LinkedHashMap<>());
        return domains.size() < MAX_DOMAINS || domains.containsKey(name)
                ? domains.computeIfAbsent(name, n -> new LinkedHashMap<>())
                : null;
    }

    /** The days that are over, and their domains of which there is something to report. */
    synchronized Map<LocalDate, List<String>> over() {
        var past = days.headMap(today());
        isChanged |= past.values().removeIf(Map::isEmpty);
        Map<LocalDate, List<String>> over = new TreeMap<>();
        past.forEach((day, domains) -> over.put(day, List.copyOf(domains.keySet())));
        return over;
    }

    /** What a report to that domain tells of that day. */
    synchronized List<Map<String, Object>> policies(LocalDate day, String domain) {
        return json(days.getOrDefault(day, Map.of()).getOrDefault(domain, Map.of()));
    }

    /** That was reported, or will not be. */
    synchronized void remove(LocalDate day, String domain) {
        var domains = days.get(day);
        if (domains != null) {
            domains.remove(domain);
            isChanged = true;
        }
    }

    /** Keeps what has changed since the last time; a kill loses what came after it. */
    public void keep() throws IOException {
        synchronized (writing) {
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
            domains.forEach((name, tallies) -> each.put(name, Map.of("policies", json(tallies))));
            all.put(day.toString(), each);
        });
        return all;
    }

    private static List<Map<String, Object>> json(Map<TlsResult.Policy, PolicyTally> tallies) {
        return tallies.values().stream().map(PolicyTally::toJson).toList();
    }

    private void read(String text) throws ParseException {
        Map<String, Object> all = JSONObjectUtils.parse(text);
        for (String day : all.keySet()) {
            Map<String, Map<TlsResult.Policy, PolicyTally>> domains = new LinkedHashMap<>();
            Map<String, Object> each = JSONObjectUtils.getJSONObject(all, day);
            for (String name : each.keySet()) {
                domains.put(name, tallies(JSONObjectUtils.getJSONObject(each, name)));
            }
            days.put(LocalDate.parse(day), domains);
        }
    }

    private static Map<TlsResult.Policy, PolicyTally> tallies(Map<String, Object> kept) throws ParseException {
        Map<String, Object>[] policies = JSONObjectUtils.getJSONObjectArray(kept, "policies");
        if (policies == null) {
            throw new ParseException("policies", 0);
        }
        Map<TlsResult.Policy, PolicyTally> tallies = new LinkedHashMap<>();
        for (Map<String, Object> each : policies) {
            PolicyTally tally = PolicyTally.of(each);
            tallies.put(tally.policy(), tally);
        }
        return tallies;
    }
}

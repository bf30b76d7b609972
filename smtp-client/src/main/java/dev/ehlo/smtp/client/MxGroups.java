package dev.ehlo.smtp.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Domains whose hosts are known, those together whose mail goes the same way, until it goes. Thread-safe. */
final class MxGroups {
    /**
     * The recipients at a domain, and where their mail goes.
     *
     * @param indexes in the whole envelope, ascending
     * @param part of the report, that is theirs
     */
    record Member(List<Integer> indexes, List<MxHop> hops, OpenReport part) {
        List<Hop> walk() {
            List<Hop> walk = new ArrayList<>(hops.size());
            for (MxHop each : hops) {
                walk.add(each.hop());
            }
            return walk;
        }
    }

    private Map<Object, List<Member>> waiting = new LinkedHashMap<>();

    synchronized void add(Member member) {
        waiting.computeIfAbsent(MxHop.way(member.hops()), way -> new ArrayList<>())
                .add(member);
    }

    /** All that wait, who do so no longer: in groups, and these in the order of their first ones. */
    synchronized List<List<Member>> take() {
        List<List<Member>> groups = List.copyOf(waiting.values());
        waiting = new LinkedHashMap<>();
        return groups;
    }
}

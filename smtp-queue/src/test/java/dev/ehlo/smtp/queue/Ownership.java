package dev.ehlo.smtp.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Remembers what an owner is told, and checks that it is told in order. */
final class Ownership implements SpoolOwner {
    final Set<QueueId> owned = new TreeSet<>();
    /** Those it has settled itself, which it may be told to have lost meanwhile. */
    final Set<QueueId> settled = new TreeSet<>();

    final List<String> told = new ArrayList<>();

    @Override
    public void owns(QueueId id, List<PendingRecipient> pending) {
        told.add("owns " + id);
        if (!owned.add(id)) {
            throw new AssertionError("owned already: " + id);
        }
        if (pending.isEmpty()) {
            throw new AssertionError("nobody to settle: " + id);
        }
    }

    @Override
    public void lost(QueueId id) {
        told.add("lost " + id);
        if (!owned.remove(id) && !settled.remove(id)) {
            throw new AssertionError("was not owned: " + id);
        }
    }
}

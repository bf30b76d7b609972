package dev.ehlo.smtp.queue;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known by name, of so many names at most: the one that was asked for longest ago is forgotten. Not
 * thread-safe.
 */
final class Recent<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1;

    private final int most;

    Recent(int most) {
        super(16, 0.75f, true);
        this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > most;
    }
}

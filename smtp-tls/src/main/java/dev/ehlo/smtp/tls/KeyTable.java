package dev.ehlo.smtp.tls;

import java.security.cert.CertificateParsingException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a server by the names in their certificates: exact name, else wildcard, else the first one's. A wildcard
 * stands for one label, the leftmost, whole (RFC 9525 §6.3). Immutable.
 */
final class KeyTable {
    private static final String WILDCARD = "*.";

    private final List<CertifiedKey> all;
    private final Map<String, List<CertifiedKey>> byName = new HashMap<>();
    private final Map<String, List<CertifiedKey>> byParent = new HashMap<>();
    /** Those of the first one's names, it before the others. */
    private final List<CertifiedKey> byDefault = new ArrayList<>();

    /** @param keys at least one, of which the first is shown to who asks for no name, or one that none has */
    KeyTable(List<CertifiedKey> keys) throws CertificateParsingException {
        all = List.copyOf(keys);
        List<String> names = all.get(0).names();
        for (CertifiedKey key : all) {
            for (String name : key.names()) {
                boolean wild = name.startsWith(WILDCARD);
                add(wild ? byParent : byName, wild ? name.substring(WILDCARD.length()) : name, key);
            }
            if (key.equals(all.get(0)) || key.names().stream().anyMatch(names::contains)) {
                byDefault.add(key);
            }
        }
        // A client that takes no key of the exact name may take one of the wildcard.
        byName.forEach((name, exact) -> exact.addAll(byParent.getOrDefault(parent(name), List.of())));
    }

    CertifiedKey first() {
        return all.get(0);
    }

    CertifiedKey get(int index) {
        return all.get(index);
    }

    /**
     * The index of the key to show; -1 for none of that type.
     *
     * <p>In TLS 1.2 the engine asks type by type in the order of our suites, ECDSA first. In TLS 1.3 it asks in the
     * client's order, and is told of no other than the best.
     *
     * @param name what the client asked for, in lower case; null if it did not
     * @param signatures which it takes; empty if it did not say
     */
    int choose(String keyType, @Nullable String name, Collection<String> signatures, boolean tls13) {
        for (List<CertifiedKey> named : List.of(named(name), all)) {
            List<CertifiedKey> taken =
                    named.stream().filter(k -> k.isTakenBy(signatures, tls13)).toList();
            if (!taken.isEmpty()) {
                return taken.stream()
                        .sorted(Comparator.comparingInt(k -> tls13 ? k.rank() : 0))
                        .limit(tls13 ? 1 : taken.size())
                        .filter(k -> k.keyType().equals(keyType))
                        .findFirst()
                        .map(all::indexOf)
                        .orElse(-1);
            }
        }
        return -1;
    }

    private List<CertifiedKey> named(@Nullable String name) {
        if (name == null) {
            return byDefault;
        }
        List<CertifiedKey> exact = byName.get(name);
        return exact != null ? exact : byParent.getOrDefault(parent(name), byDefault);
    }

    /** Without the leftmost label; a name of one label has no parent, and no certificate can have that. */
    private static String parent(String name) {
        int dot = name.indexOf('.');
        return dot <= 0 ? "" : name.substring(dot + 1);
    }

    private static void add(Map<String, List<CertifiedKey>> map, String name, CertifiedKey key) {
        if (!name.isEmpty()) {
            map.computeIfAbsent(name, n -> new ArrayList<>()).add(key);
        }
    }
}

package dev.ehlo.smtp.client;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the TXT records at {@code _mta-sts.} and the domain say: which policy the domain has now. RFC 8461 §3.1. */
final class StsRecord {
    private static final String VERSION = "v=STSv1;";

    /** Octets of a record; the grammar has no limit, and an id has 32. */
    private static final int MAX_OCTETS = 2_048;

    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,31}=[!-:<>-~]+");
    private static final Pattern ID = Pattern.compile("id=([A-Za-z0-9]{1,32})");
    private static final Pattern DELIMITER = Pattern.compile("[ \\t]*;[ \\t]*");

    private StsRecord() {}

    /**
     * The id of the policy; empty if the domain has none, says so wrongly, or says more than one thing.
     *
     * @param texts each record, its strings joined
     */
    static Optional<String> id(List<String> texts) {
        List<String> own = texts.stream().filter(t -> t.startsWith(VERSION)).toList();
        return own.size() == 1 && own.get(0).length() <= MAX_OCTETS ? id(own.get(0)) : Optional.empty();
    }

    private static Optional<String> id(String text) {
        String[] fields = DELIMITER.split(text, -1);
        String id = null;
        for (int i = 1; i < fields.length; i++) {
            Matcher known = ID.matcher(fields[i]);
            boolean isEnd = i == fields.length - 1 && fields[i].isEmpty();
            if (!isEnd && !FIELD.matcher(fields[i]).matches() || fields[i].startsWith("id=") && !known.matches()) {
                return Optional.empty();
            }
            if (id == null && known.matches()) {
                id = known.group(1);
            }
        }
        return Optional.ofNullable(id);
    }
}

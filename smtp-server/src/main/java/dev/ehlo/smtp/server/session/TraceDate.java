package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.MessageDate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;

/** The date of trace fields in octets, made once a second. Thread-safe: who loses a race has made one in vain. */
final class TraceDate {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Made(long second, byte[] octets) {}

    private final InstantSource time;
    private volatile Made made = new Made(Long.MIN_VALUE, new byte[0]);

    TraceDate(InstantSource time) {
        this.time = time;
    }

    /** The date now; not to be changed. */
    byte[] octets() {
        long second = Math.floorDiv(time.millis(), 1000);
        Made last = made;
        if (last.second != second) {
            String text = MessageDate.format(Instant.ofEpochSecond(second), ZoneOffset.UTC);
            last = new Made(second, text.getBytes(StandardCharsets.US_ASCII));
            made = last;
        }
        return last.octets;
    }
}

package dev.ehlo.smtp.mta.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of who signs tokens, a JWK set from a file or a URL. They are kept, and read again now and then, and
 * sooner when a token names one that is not among them; a set that can't be read leaves the old one in force for a
 * while. Used by many threads, which it may block for the time of an answer. RFC 7517 §5.
 *
 * <pre>
 *     none ─ first token → FRESH ─ REREAD or unknown key → read again ─┬→ FRESH
 *                                    (not twice within PAUSE)          └ failed → as before, up to KEPT; then none
 * </pre>
 */
public final class SigningKeys implements JWKSource<SecurityContext> {
    /** How long keys are used without a look at what they are now, so that one withdrawn is used no longer than that. */
    static final Duration REREAD = Duration.ofMinutes(5);
    /** How long keys are used that can't be read again. */
    static final Duration KEPT = Duration.ofHours(1);
    /** From one look to the next, whatever tokens say: who makes up names of keys makes nobody be asked more often. */
    static final Duration PAUSE = Duration.ofSeconds(30);

    /** RFC 7518 §3.3. */
    private static final int MIN_RSA_BITS = 2048;

    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

    /** Where the set is. */
    private interface Place {
        byte[] read() throws IOException;
    }

    private record Keys(JWKSet set, Instant read) {}

    private final Place place;
    private final String name;
    private final InstantSource time;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Keys keys;
    /** Guarded by the lock. */
    private Instant nextLook = Instant.MIN;

    /**
     * The set at that place, which is not looked at before the first token.
     *
     * @param fileOrUrl of https, or of http on this host
     * @throws IllegalArgumentException if it is another URL
     */
    public SigningKeys(String fileOrUrl, InstantSource time) {
        this(fileOrUrl, time, HttpEndpoint.TIME);
    }

    SigningKeys(String fileOrUrl, InstantSource time, Duration patience) {
        this.time = time;
        this.name = fileOrUrl;
        if (HttpEndpoint.isHttp(fileOrUrl)) {
            HttpEndpoint endpoint = new HttpEndpoint(fileOrUrl, patience);
            place = () -> endpoint.ask(endpoint.request().GET().build());
        } else {
            Path file = Path.of(fileOrUrl);
            place = () -> {
                try (InputStream in = Files.newInputStream(file)) {
                    return in.readNBytes(HttpEndpoint.MAX_OCTETS);
                }
            };
        }
    }

    /** Those that may have signed a token; none, if none may. */
    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) throws KeySourceException {
        try {
            Keys now = current();
            List<JWK> found = selector.select(now.set);
            return found.isEmpty() ? selector.select(newer(now).set) : found;
        } catch (IOException e) {
            throw new KeySourceException("no keys: " + e.getMessage(), e);
        }
    }

    /** Reads them now, so that a mistake shows at once. */
    public void look() throws IOException {
        current();
    }

    private Keys current() throws IOException {
        Keys seen = keys;
        if (seen != null) {
            Duration age = age(seen);
            boolean isSomebodyReading = reading.isLocked(); // whoever comes meanwhile need not wait
            if (age.compareTo(REREAD) < 0 || isSomebodyReading && age.compareTo(KEPT) < 0) {
                return seen;
            }
        }
        return newer(seen);
    }

    /** Others than those, if there are and it is time to look. */
    private Keys newer(@Nullable Keys seen) throws IOException {
        reading.lock();
        try {
            Keys others = keys;
            if (others != null && !others.equals(seen)) {
                return others;
            }
            Keys usable = seen != null && age(seen).compareTo(KEPT) < 0 ? seen : null;
            Instant now = time.instant();
            if (now.isBefore(nextLook)) {
                if (usable != null) {
                    return usable;
                }
                throw new IOException(name + " could not be read, and will not be tried before " + nextLook);
            }
            nextLook = now.plus(PAUSE);
            try {
                Keys read = new Keys(parse(place.read()), now);
                keys = read;
                return read;
            } catch (IOException e) {
                if (usable == null) {
                    throw e;
                }
                LOG.warn("keys of tokens cannot be read anew, the old ones stay: {}", e.getMessage());
                return usable;
            }
        } finally {
            reading.unlock();
        }
    }

    private Duration age(Keys seen) {
        return Duration.between(seen.read, time.instant());
    }

    private JWKSet parse(byte[] octets) throws IOException {
        try {
            List<JWK> all =
                    JWKSet.parse(new String(octets, StandardCharsets.UTF_8)).getKeys();
            List<JWK> sound = all.stream()
                    .filter(key -> key instanceof ECKey || key instanceof RSAKey rsa && rsa.size() >= MIN_RSA_BITS)
                    .toList();
            if (sound.isEmpty()) {
                throw new IOException(name + " holds no public key of elliptic curves, nor of RSA with 2048 bits");
            }
            return new JWKSet(sound);
        } catch (ParseException e) {
            throw new IOException(name + " is no set of keys: " + e.getMessage(), e);
        }
    }
}

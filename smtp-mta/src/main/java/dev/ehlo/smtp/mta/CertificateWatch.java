package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every minute whether a file of keys or certificates has changed, and has them read anew, so that whoever renews
 * them need tell nobody. While they cannot be used the old ones stay, and it tries again: chain and key are two files,
 * and one of them is the first to change.
 */
final class CertificateWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

    private static final long PERIOD_MINUTES = 1;

    private final TlsContext tls;
    private final List<Path> files;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "certificate-watch");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable Future<?> looks;
    private List<Optional<Stamp>> seen;
    private @Nullable String complaint;

    /** What of a file is not the same when it is another. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    /**
     * Reads them for the first time.
     *
     * @param files what the keys are made of
     * @throws IOException as {@link TlsServerBuilder#build}
     */
    CertificateWatch(TlsServerBuilder keys, List<Path> files) throws IOException {
        this.files = files;
        this.seen = stamps(); // before they are read: what changes meanwhile is read again
        this.tls = keys.build();
    }

    TlsContext tls() {
        return tls;
    }

    void start() {
        looks = executor.scheduleWithFixedDelay(this::look, PERIOD_MINUTES, PERIOD_MINUTES, TimeUnit.MINUTES);
    }

    /** Looks once. */
    synchronized void look() {
        List<Optional<Stamp>> now = stamps();
        if (now.equals(seen)) {
            return;
        }
        try {
            tls.reload();
            seen = now;
            complaint = null;
            LOG.info("certificates read anew; the default is {}", tls.fingerprint());
        } catch (IOException | RuntimeException e) { // a task that throws would not be run again
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(complaint)) {
                LOG.error("new certificates cannot be used, the old ones stay: {}", reason);
                complaint = reason;
            }
        }
    }

    @Override
    public void close() {
        Future<?> running = looks;
        if (running != null) {
            running.cancel(false);
        }
        executor.shutdown();
    }

    private List<Optional<Stamp>> stamps() {
        List<Optional<Stamp>> stamps = new ArrayList<>();
        for (Path file : files) {
            stamps.add(stamp(file));
        }
        return stamps;
    }

    private static Optional<Stamp> stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (IOException e) {
            return Optional.empty(); // reading it says why
        }
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.selftest.Watch;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Takes standard error's place, where the log goes, and tells a watch of each line, until it is closed. */
final class LogWatch implements AutoCloseable {
    private final PrintStream before = System.err;

    LogWatch(Watch watch) {
        System.setErr(new PrintStream(new Lines(watch), true, StandardCharsets.ISO_8859_1));
    }

    private static final class Lines extends OutputStream {
        private final Watch watch;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(Watch watch) {
            this.watch = watch;
        }

        @Override
        public synchronized void write(int octet) {
            if (octet == '\n') {
                watch.log(line.toString(StandardCharsets.ISO_8859_1));
                line.reset();
            } else {
                line.write(octet);
            }
        }
    }

    @Override
    public void close() {
        System.setErr(before);
    }
}

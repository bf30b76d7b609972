package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.driver.WorkerSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sink of {@link Content#asFile}. */
final class FileSink implements WorkerSink {
    private static final Logger LOG = LoggerFactory.getLogger(FileSink.class);

    private final Path directory;
    private final Content.Taker<? super Path> taker;
    private @Nullable Path file;
    private @Nullable FileChannel channel;

    FileSink(Path directory, Content.Taker<? super Path> taker) {
        this.directory = directory;
        this.taker = taker;
    }

    @Override
    public void write(ByteBuffer slice) throws IOException {
        FileChannel out = channel();
        while (slice.hasRemaining()) {
            out.write(slice);
        }
    }

    @Override
    public CompletionStage<Reply> complete() {
        try {
            return Content.replied(() -> {
                channel().close();
                return taker.take(Objects.requireNonNull(file));
            });
        } finally {
            delete();
        }
    }

    @Override
    public void abort() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete();
        }
    }

    /** Made where it may block. A file by this method is its owner's alone where the file system knows owners. */
    private FileChannel channel() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            Path made = Files.createTempFile(directory, "content-", ".eml");
            file = made;
            open = FileChannel.open(made, StandardOpenOption.WRITE);
            channel = open;
        }
        return open;
    }

    /** The message is answered for already, or nobody's: a file that stays is for whoever reads the log. */
    private void delete() {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("{} is left behind: {}", file, e.toString());
        }
    }
}

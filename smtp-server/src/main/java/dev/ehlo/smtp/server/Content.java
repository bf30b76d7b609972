package dev.ehlo.smtp.server;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sinks for handlers that want content whole, as a stream or in a file, rather than slice by slice. Returned by {@link
 * SmtpHandler#data}, whose function is then called once for the message, and answers it:
 *
 * <pre>{@code
 * SmtpHandler printer = (session, envelope) -> Content.asStream(in -> {
 *     System.out.write(in.readAllBytes());
 *     return SmtpHandler.YES;
 * });
 * SmtpHandler keeper = (session, envelope) -> Content.asFile(drafts, file -> {
 *     Files.move(file, inbox.resolve(file.getFileName()));
 *     return Reply.of(250, "2.0.0", "Kept");
 * });
 * }</pre>
 *
 * The function may block, of whatever kind the handler is: it is called on a thread of the server's workers, one for each
 * message. What it throws is logged and answered as {@code 451 4.3.0}. A message that is refused for its content, for a
 * bare LF or another's name in From, comes to no function, or to an end by an exception.
 */
public final class Content {
    /**
     * Takes a message.
     *
     * @param <T> the form of its content
     */
    @FunctionalInterface
    public interface Taker<T> {
        /** The reply to end of data: positive once the message is the taker's responsibility. RFC 5321 §4.2.5. */
        Reply take(T content) throws Exception;
    }

    private Content() {}

    /**
     * Content as a stream that is read while it comes. The function is called when 64 KiB have come, or all; what it has
     * not read yet is kept in memory up to 80 KiB, and then the client waits. Where the connection is lost, or the message
     * refused, reading throws an {@link java.io.IOException}, so that only who has read up to the end has the message.
     *
     * <p>A function that returns before the end has answered: the rest is consumed for nothing, and then the reply sent.
     * Before Java 21, with a bounded pool of workers, clients that are slow in sending large messages keep threads busy;
     * {@link #asFile} does not.
     */
    public static MessageSink asStream(Taker<? super InputStream> taker) {
        return new StreamSink(Objects.requireNonNull(taker));
    }

    /**
     * Content in a file of its own, which its owner alone may read. The function is called when all of it has come; when
     * it returns or throws, the file is deleted, unless it was moved. The file is not synced to the disk. One that is left
     * behind by a crash is named {@code content-….eml}.
     *
     * @param directory where the file is made, best on the file system that it is moved on; exists
     */
    public static MessageSink asFile(Path directory, Taker<? super Path> taker) {
        return new FileSink(Objects.requireNonNull(directory), Objects.requireNonNull(taker));
    }

    /**
     * Content in memory. The function is called when all of it has come; where that is too much, the message is refused
     * with {@code 552 5.3.4}, and the function is not called.
     *
     * @param maxOctets of content, trace fields included; with the bound of connections, what a server may need
     * @throws IllegalArgumentException if {@code maxOctets} is negative
     */
    public static MessageSink asBytes(int maxOctets, Taker<byte[]> taker) {
        if (maxOctets < 0) {
            throw new IllegalArgumentException("maxOctets must not be negative: " + maxOctets);
        }
        return new BytesSink(maxOctets, Objects.requireNonNull(taker));
    }

    /** What a taker that is called in place comes to. */
    static CompletionStage<Reply> replied(Callable<Reply> take) {
        try {
            return CompletableFuture.completedFuture(Objects.requireNonNull(take.call(), "no reply"));
        } catch (Exception e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the owner of the data directory asks a running server for something: a Unix domain socket. A few are served at a
 * time, each by a thread of its own.
 *
 * <pre>
 *   C: VERB [ARGUMENT ...] LF                       words without white space, see {@link ControlWords}
 *   S: ok LF, then NAME SP VALUE LF for each thing said; failed REASON LF instead of all or of the rest; end of stream
 * </pre>
 *
 * <p>A long answer is sent as it comes; it ends with a line named {@link #END}, as else nobody could tell that it is
 * whole.
 */
final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    /** Octets of a request. */
    static final int REQUEST_OCTETS = 32 << 10;
    /** Octets of a short answer. */
    static final int ANSWER_OCTETS = 1 << 20;
    /** Octets of a line of any answer. */
    static final int LINE_OCTETS = 64 << 10;

    static final String OK = "ok";
    static final String FAILED = "failed ";
    static final String END = "end";

    /** For the request to come. */
    private static final Duration LONGEST = Duration.ofSeconds(5);
    /** For a part of the answer to be taken. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Requests that are answered at a time; the others wait. More than those verbs take together that may take long. */
    private static final int SERVED = 16;
    /** Octets of an answer that are sent together. */
    private static final int TOGETHER = 16 << 10;
    /** Requests that may wait for their turn. */
    private static final int WAITING = 16;
    /** Until it is tried again to accept, where there are no file handles, say. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Something to ask for. */
    interface Verb {
        /**
         * Says what there is to say, in order. On a thread of the socket.
         *
         * @throws IOException if it can't be done; the one who asks is told the text
         * @throws IllegalArgumentException if the arguments are none of its own, likewise
         */
        void answer(List<String> arguments, Lines lines) throws IOException;

        /** The same for a few at a time, so that however long these take, others are answered; one more is refused. */
        static Verb few(int most, Verb verb) {
            Semaphore slots = new Semaphore(most);
            return (arguments, lines) -> {
                if (!slots.tryAcquire()) {
                    throw new IOException(most + " of these are being answered: try again when one is over");
                }
                try {
                    verb.answer(arguments, lines);
                } finally {
                    slots.release();
                }
            };
        }

        /** One that says a few things, by name. */
        static Verb brief(Brief verb) {
            return (arguments, lines) -> {
                for (Map.Entry<String, String> said : verb.answer(arguments).entrySet()) {
                    lines.say(said.getKey(), said.getValue());
                }
            };
        }
    }

    /** As {@link Verb}, for what is said at once. */
    interface Brief {
        Map<String, String> answer(List<String> arguments) throws IOException;
    }

    /** Where an answer goes. */
    interface Lines {
        /**
         * Answers with one thing more.
         *
         * @throws IOException if nobody takes it, which ends the answer
         */
        void say(String name, String value) throws IOException;
    }

    /** Nobody takes the answer any more. */
    private static final class GoneException extends IOException {
        private static final long serialVersionUID = 1;

        GoneException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private record Answer(ControlConnection connection, StringBuilder text) implements Lines {
        @Override
        public void say(String name, String value) throws IOException {
            text.append(name).append(' ').append(Octets.printable(value)).append('\n');
            if (text.length() >= TOGETHER) {
                send();
            }
        }

        void send() throws IOException {
            try {
                connection.write(text.toString(), PATIENCE);
            } catch (IOException e) {
                throw new GoneException(e);
            }
            text.setLength(0);
        }
    }

    private final Path file;
    private final Map<String, Verb> verbs;
    private final ServerSocketChannel server;
    private final Thread thread = new Thread(this::run, "control");
    private final Semaphore slots = new Semaphore(SERVED);
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread serving = new Thread(task, "control-request");
        serving.setDaemon(true);
        return serving;
    });

    private ControlSocket(Path file, Map<String, Verb> verbs, ServerSocketChannel server) {
        this.file = file;
        this.verbs = new TreeMap<>(verbs);
        this.server = server;
    }

    /**
     * Listens at that path, in a directory that is its owner's alone, in place of a socket that a server left behind.
     *
     * @throws Failure if another server listens there
     * @throws IOException if nobody can, as where the path is longer than such an address may be
     */
    static ControlSocket listen(Path file, Map<String, Verb> verbs) throws IOException, Failure {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(file);
        if (Files.exists(file)) {
            if (isAnswered(address)) {
                throw new Failure("another server listens at " + file);
            }
            Files.delete(file);
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(address, WAITING);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            server.close();
            throw e;
        }
        ControlSocket socket = new ControlSocket(file, verbs, server);
        socket.thread.setDaemon(true);
        socket.thread.start();
        return socket;
    }

    private static boolean isAnswered(UnixDomainSocketAddress address) {
        try (SocketChannel channel = SocketChannel.open(address)) {
            return channel.isConnected();
        } catch (IOException e) {
            return false; // whoever listened there has ended without a chance to delete it
        }
    }

    private void run() {
        while (server.isOpen()) {
            slots.acquireUninterruptibly();
            boolean served = false;
            try {
                SocketChannel channel = server.accept();
                threads.execute(() -> serve(channel));
                served = true;
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("control socket {}", file, e);
                LockSupport.parkNanos(PAUSE.toNanos());
            } finally {
                if (!served) {
                    slots.release();
                }
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                ControlConnection connection = new ControlConnection(channel, LONGEST)) {
            Answer answer = new Answer(connection, new StringBuilder());
            answer(connection.readLine(REQUEST_OCTETS).strip(), answer);
            answer.send();
        } catch (IOException e) {
            LOG.info("control request given up: {}", e.toString());
        } finally {
            slots.release();
        }
    }

    private void answer(String request, Answer answer) throws GoneException {
        List<String> words = List.of(request.split("\\s+", -1));
        Verb verb = verbs.get(words.get(0));
        if (verb == null) {
            answer.text
                    .append(FAILED + "no such request: ")
                    .append(Octets.printable(words.get(0)))
                    .append("; there are ")
                    .append(String.join(", ", verbs.keySet()))
                    .append('\n');
            return;
        }
        answer.text.append(OK).append('\n');
        try {
            verb.answer(words.subList(1, words.size()), answer);
        } catch (GoneException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            LOG.warn("control request {} failed", words.get(0), e);
            if (answer.text.toString().equals(OK + '\n')) {
                answer.text.setLength(0);
            }
            answer.text
                    .append(FAILED)
                    .append(Octets.printable(String.valueOf(e.getMessage())))
                    .append('\n');
        }
    }

    /** Takes no more requests; one that is being answered goes on. */
    @Override
    public void close() throws IOException {
        try {
            server.close();
        } finally {
            Files.deleteIfExists(file);
        }
    }
}

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
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the owner of the data directory asks a running server for something: a Unix domain socket, served by one thread,
 * one request after the other.
 *
 * <pre>
 *   C: VERB [ARGUMENT ...] LF                       words without white space
 *   S: ok LF, then NAME SP VALUE LF for each thing said; or: failed REASON LF; end of stream
 * </pre>
 */
final class ControlSocket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    /** Octets of a request. */
    static final int REQUEST_OCTETS = 512;
    /** Octets of what is answered. */
    static final int ANSWER_OCTETS = 1 << 20;

    static final String OK = "ok";
    static final String FAILED = "failed ";

    /** For the request to come, and for its answer to be taken; the others wait meanwhile. */
    private static final Duration LONGEST = Duration.ofSeconds(5);
    /** Requests that may wait for their turn. */
    private static final int WAITING = 16;
    /** Until it is tried again to accept, where there are no file handles, say. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Something to ask for. */
    interface Verb {
        /**
         * Answers with what there is to say, by name, in order. On the socket's thread.
         *
         * @throws IOException if it can't be done; the one who asks is told the text
         * @throws IllegalArgumentException if the arguments are none of its own, likewise
         */
        Map<String, String> answer(List<String> arguments) throws IOException;
    }

    private final Path file;
    private final Map<String, Verb> verbs;
    private final ServerSocketChannel server;
    private final Thread thread = new Thread(this::run, "control");

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
            try {
                serve(server.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("control socket {}", file, e);
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                ControlConnection connection = new ControlConnection(channel, LONGEST)) {
            connection.write(answer(connection.readLine(REQUEST_OCTETS).strip()));
        } catch (IOException e) {
            LOG.info("control request given up: {}", e.toString());
        }
    }

    private String answer(String request) {
        List<String> words = List.of(request.split("\\s+", -1));
        Verb verb = verbs.get(words.get(0));
        if (verb == null) {
            return FAILED + "no such request: " + Octets.printable(words.get(0)) + "; there are "
                    + String.join(", ", verbs.keySet()) + '\n';
        }
        try {
            StringBuilder answer = new StringBuilder(OK).append('\n');
            verb.answer(words.subList(1, words.size()))
                    .forEach((name, value) -> answer.append(name)
                            .append(' ')
                            .append(Octets.printable(value))
                            .append('\n'));
            return answer.toString();
        } catch (IOException | RuntimeException e) {
            LOG.warn("control request {} failed", words.get(0), e);
            return FAILED + Octets.printable(String.valueOf(e.getMessage())) + '\n';
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

package dev.ehlo.smtp.testkit;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A dialogue of client and server as one writes it down. One side is played, the other, which is tested, is expected to
 * keep to it.
 *
 * <pre>
 * # a comment
 * S: 220 *                        the server says a line; * stands for any text in a line that is expected
 * C: EHLO client.example          the client says a line; CRLF is added to each
 * S: 250-mx.example *             each line of a reply has a line here
 * S: 250 STARTTLS
 * C: STARTTLS                     lines of one side without one of the other between them are one flight
 * S: 220 *
 * -- starttls                     both do the TLS handshake
 * C&gt; NOOP\r\nQUIT\r\n             octets as they are, nothing added: \r \n \t \0 \\ \xHH
 * S: 250 *
 * S: 221 *
 * S= closed                       the server closes the connection; C= closed, the client does
 * </pre>
 *
 * <p>{@code S>} is to {@code S:} as {@code C>} to {@code C:}. One space after the sign belongs to neither. Text is
 * UTF-8. Immutable; may be shared between threads. A dialogue that goes otherwise is an {@link AssertionError}.
 */
public final class Transcript {
    /** How long a socket may be silent where octets are expected. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final List<Step> steps;
    private final Side us;

    private Transcript(String name, List<Step> steps, Side us) {
        this.name = name;
        this.steps = steps;
        this.us = us;
    }

    /**
     * Reads the text of a transcript.
     *
     * @throws IllegalArgumentException with the number of a line that is none
     */
    public static Transcript parse(String text) {
        return new Transcript("transcript", TranscriptParser.parse("transcript", text), Side.CLIENT);
    }

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException with the number of a line that is none
     * @throws IOException if the file can't be read
     */
    public static Transcript parse(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        return new Transcript(name, TranscriptParser.parse(name, Files.readString(file)), Side.CLIENT);
    }

    /**
     * Reads a resource beside a class; on the module path, its package must be open to this module.
     *
     * @throws IllegalArgumentException with the number of a line that is none
     * @throws IOException if there is no such resource
     */
    public static Transcript resource(Class<?> beside, String name) throws IOException {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException("no resource " + name + " beside " + beside.getName());
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Transcript(name, TranscriptParser.parse(name, text), Side.CLIENT);
        }
    }

    /** This dialogue with the server's part played, for the test of a client machine. It is the client's part otherwise. */
    public Transcript playedByServer() {
        return new Transcript(name, steps, Side.SERVER);
    }

    List<Step> steps() {
        return steps;
    }

    String name() {
        return name;
    }

    /** Runs against a machine, which is given each flight whole. */
    public void run(Peer peer) {
        run(peer, Player.Cut.WHOLE);
    }

    /**
     * Runs against a new machine each time: whole, then octet by octet, then once for each place at which one of the
     * flights can be cut in two. All have to end alike.
     */
    public void runCut(Supplier<? extends Peer> peers) {
        run(peers.get(), Player.Cut.WHOLE);
        attempt("octet by octet", peers.get(), (flight, octets) -> Cutter.octetByOctet(octets));
        List<byte[]> flights = Player.flights(steps, us);
        for (int i = 0; i < flights.size(); i++) {
            int cutFlight = i;
            int length = flights.get(i).length;
            for (int j = 1; j < length; j++) {
                int at = j;
                attempt(
                        "flight " + (cutFlight + 1) + " cut after octet " + at + " of " + length,
                        peers.get(),
                        (flight, octets) -> flight == cutFlight ? Cutter.at(octets, at) : List.of(octets));
            }
        }
    }

    /**
     * Runs against a server, in clear.
     *
     * @throws IOException if there is no connection
     */
    public void run(InetSocketAddress server) throws IOException {
        run(server, null, false);
    }

    /**
     * Runs against a server, in clear until the transcript does STARTTLS.
     *
     * @param tls says whom to trust; no host name is checked
     * @throws IOException if there is no connection
     */
    public void run(InetSocketAddress server, SSLContext tls) throws IOException {
        run(server, tls, false);
    }

    /**
     * Runs against a server under TLS from the first octet.
     *
     * @param tls says whom to trust; no host name is checked
     * @throws IOException if there is no connection, or no handshake
     */
    public void runImplicitTls(InetSocketAddress server, SSLContext tls) throws IOException {
        run(server, tls, true);
    }

    private void run(InetSocketAddress server, @Nullable SSLContext tls, boolean implicit) throws IOException {
        if (us == Side.SERVER) {
            throw new IllegalStateException("a ScriptedPeer plays the server's part over sockets");
        }
        SocketWire wire = SocketWire.connect(server, tls, PATIENCE);
        try {
            if (implicit) {
                wire.startTls();
            }
            play(wire, Player.Cut.WHOLE);
        } finally {
            wire.abort();
        }
    }

    private void attempt(String how, Peer peer, Player.Cut cut) {
        try {
            run(peer, cut);
        } catch (AssertionError e) {
            throw new AssertionError(how + ": " + e.getMessage(), e);
        }
    }

    private void run(Peer peer, Player.Cut cut) {
        play(new MachineWire(peer), cut);
    }

    private void play(Wire wire, Player.Cut cut) {
        Player player = new Player(name, steps, us, wire, new Inbox(wire), cut, Player.Observer.NONE);
        player.play();
        player.expectEnd();
    }
}

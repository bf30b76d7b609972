package dev.ehlo.smtp.testkit;

import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A mail server for tests, on a free port of the loopback address. It does what its scripts say, one connection after
 * the other, and on all further connections accepts everything and remembers it, but for the faults it was given.
 *
 * <pre>{@code
 * try (ScriptedPeer peer = ScriptedPeer.builder()
 *         .refuse("bob@*", Reply.of(550, "5.1.1", "no such user"))
 *         .fault("DATA", Fault.drop().once())
 *         .start()) {
 *     send(peer.address(), message);
 *     assertEquals("alice@example.org", peer.awaitMessage(Duration.ofSeconds(5)).reversePath());
 * }
 * }</pre>
 *
 * <p>Has a daemon thread for each connection and blocking sockets; may be used by any thread. Nothing is refused for
 * its size. The accepting peer checks its client: octets sent before the reply to a command that ends a pipeline, or
 * in clear behind STARTTLS, are a deviation, as is a line that a script does not expect.
 */
public final class ScriptedPeer implements AutoCloseable {
    private final PeerServer server;
    private final PeerLog log;
    private final int scripts;

    private ScriptedPeer(PeerServer server, PeerLog log, int scripts) {
        this.server = server;
        this.log = log;
        this.scripts = scripts;
    }

    /** A peer to be set up. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A started peer that accepts everything, in clear.
     *
     * @throws IOException if no port can be had
     */
    public static ScriptedPeer accepting() throws IOException {
        return builder().start();
    }

    /**
     * A started peer that plays the server's part of each transcript, one for each connection.
     *
     * @throws IOException if no port can be had
     */
    public static ScriptedPeer playing(Transcript... transcripts) throws IOException {
        Builder builder = builder();
        for (Transcript transcript : transcripts) {
            builder.script(Script.begin().play(transcript));
        }
        return builder.start();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** The port of {@link #address()}. */
    public int port() {
        return address().getPort();
    }

    /** The command lines of all connections, in the order they came, content excepted. */
    public List<String> commands() {
        return log.commands();
    }

    /** The connections, in the order they were made, as they are now. */
    public List<ReceivedSession> sessions() {
        return log.sessions();
    }

    /** The messages taken so far, in the order of their end of data. */
    public List<ReceivedMessage> messages() {
        return log.messages();
    }

    /**
     * Waits for the first message.
     *
     * @throws AssertionError if it does not come in time, or the client deviates
     */
    public ReceivedMessage awaitMessage(Duration patience) throws InterruptedException {
        return awaitMessages(1, patience).get(0);
    }

    /**
     * Waits until so many messages were taken, or more, and gives them all.
     *
     * @throws AssertionError if they do not come in time, or the client deviates
     */
    public List<ReceivedMessage> awaitMessages(int count, Duration patience) throws InterruptedException {
        log.await(count + " messages", patience, () -> log.messages().size() >= count);
        return log.messages();
    }

    /**
     * Waits until a command has come; {@code *} in the pattern stands for any text. Its reply may be held still.
     *
     * @throws AssertionError if it does not come in time, or the client deviates
     */
    public void awaitCommand(String pattern, Duration patience) throws InterruptedException {
        log.await(
                "command " + pattern,
                patience,
                () -> log.commands().stream().anyMatch(command -> Wildcard.matches(pattern, command)));
    }

    /**
     * Waits until all scripts were played to their end.
     *
     * @throws AssertionError if that does not happen in time, the client left early, or it deviates
     */
    public void awaitScripts(Duration patience) throws InterruptedException {
        log.await(scripts + " scripts to be played", patience, () -> {
            log.checkEnds();
            return log.scriptsPlayed() >= scripts;
        });
    }

    /**
     * Waits until so many connections are over, or more, and gives all there were.
     *
     * @throws AssertionError if that does not happen in time, or the client deviates
     */
    public List<ReceivedSession> awaitSessions(int count, Duration patience) throws InterruptedException {
        log.await(
                count + " connections to end",
                patience,
                () -> log.sessions().stream().filter(ReceivedSession::isEnded).count() >= count);
        return log.sessions();
    }

    /**
     * Stops listening, cuts the connections off and waits for their threads. A client that left in the middle of a
     * script is not told of here: {@link #awaitScripts} does.
     *
     * @throws AssertionError if a client deviated
     */
    @Override
    public void close() {
        server.close();
        log.check();
    }

    /** Sets a peer up. Used by one thread; may start more than one peer, each with counts of its own. */
    public static final class Builder {
        private final List<Script> scripts = new ArrayList<>();
        private final FaultTable faults = new FaultTable();
        private String hostname = "peer.example";
        private List<String> extensions =
                List.of("PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN");
        private @Nullable SSLContext startTls;
        private @Nullable SSLContext implicitTls;
        private @Nullable String credentials;
        private List<String> mechanisms = List.of("PLAIN", "LOGIN");
        private Duration patience = Duration.ofSeconds(30);

        private Builder() {}

        /** The name in the greeting and in the reply to EHLO; {@code peer.example} unless told. */
        public Builder hostname(String name) {
            hostname = name;
            return this;
        }

        /** The lines after the first in the reply to EHLO; STARTTLS and AUTH come by themselves. */
        public Builder extensions(String... lines) {
            extensions = List.of(lines);
            return this;
        }

        /** Offers STARTTLS, or does it where a script says so. */
        public Builder startTls(SSLContext context) {
            startTls = context;
            return this;
        }

        /** TLS from the first octet. */
        public Builder implicitTls(SSLContext context) {
            implicitTls = context;
            return this;
        }

        /** Wants this login before MAIL, by AUTH PLAIN or LOGIN unless told, offered in clear only if STARTTLS is not. */
        public Builder login(String login, String password) {
            credentials = login + '\0' + password;
            return this;
        }

        /**
         * By which mechanisms the login is offered: some of PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256 (without
         * channel binding), OAUTHBEARER and XOAUTH2, for which the password is the access token.
         *
         * @throws IllegalArgumentException if there is none, or one that a peer does not know
         */
        public Builder mechanisms(String... names) {
            List<String> these = List.of(names);
            if (these.isEmpty() || !SaslCredentials.MECHANISMS.containsAll(these)) {
                throw new IllegalArgumentException("not mechanisms of a peer: " + these);
            }
            mechanisms = these;
            return this;
        }

        /** The script of the next connection that has none yet. */
        public Builder script(Script script) {
            scripts.add(script);
            return this;
        }

        /** Refuses recipients: {@code *} in the pattern stands for any text, case does not matter. */
        public Builder refuse(String mailbox, Reply reply) {
            return fault("RCPT TO:<" + mailbox + ">*", Fault.reply(reply));
        }

        /** Another greeting, or none. */
        public Builder greeting(Fault fault) {
            return fault(AcceptingSession.GREETING, fault);
        }

        /** What happens at end of data, once the content is there. */
        public Builder endOfData(Fault fault) {
            return fault(".", fault);
        }

        /**
         * What happens on each command that matches: {@code *} stands for any text, case does not matter. The first
         * fault given for a command is the one that happens, and when its times are over the next.
         */
        public Builder fault(String command, Fault fault) {
            faults.add(command, fault);
            return this;
        }

        /** How long a client may be silent, and a reply be held; 30 seconds unless told. */
        public Builder patience(Duration longest) {
            patience = longest;
            return this;
        }

        /**
         * Starts the peer.
         *
         * @throws IOException if no port can be had
         */
        public ScriptedPeer start() throws IOException {
            PeerLog log = new PeerLog();
            Acceptance acceptance =
                    new Acceptance(hostname, extensions, startTls != null, credentials, mechanisms, faults.copy());
            SSLContext tls = implicitTls != null ? implicitTls : startTls;
            PeerServer server =
                    PeerServer.start(log, List.copyOf(scripts), acceptance, tls, implicitTls != null, patience);
            return new ScriptedPeer(server, log, scripts.size());
        }
    }
}

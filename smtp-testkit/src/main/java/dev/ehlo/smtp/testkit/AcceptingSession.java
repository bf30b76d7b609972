package dev.ehlo.smtp.testkit;

import dev.ehlo.smtp.codec.ReplyEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The server's part of a dialogue in which all is accepted but for the faults. Used by the thread of its connection.
 * Takes commands in no other order than RFC 5321 §4.1.4 allows, and wants a client to wait where RFC 2920 §3.1 says so.
 */
final class AcceptingSession {
    /** What a fault at the greeting is given for. */
    static final String GREETING = "(greeting)";

    private final Acceptance acceptance;
    private final PeerConnection connection;
    private final SessionRecorder recorder;
    private boolean isGreeted;
    private boolean isLoggedIn;

    AcceptingSession(Acceptance acceptance, PeerConnection connection) {
        this.acceptance = acceptance;
        this.connection = connection;
        this.recorder = connection.recorder();
        this.isLoggedIn = acceptance.credentials() == null;
    }

    /** Talks until the client quits or is gone, or a fault ends the connection. */
    void converse(boolean fromGreeting) throws IOException, InterruptedException {
        if (fromGreeting && !answer(GREETING, "220 " + acceptance.hostname() + " ESMTP")) {
            return;
        }
        String line = connection.takeLine();
        while (line != null && command(line)) {
            line = connection.takeLine();
        }
    }

    /** False when there is no more to say. */
    private boolean command(String line) throws IOException, InterruptedException {
        String verb = SessionRecorder.verb(line);
        return switch (verb) {
            case "EHLO" -> {
                awaitTurn(verb);
                isGreeted = true;
                yield answer(line, acceptance.capabilities(connection.wire().isTls()));
            }
            case "HELO" -> {
                isGreeted = true;
                yield answer(line, "250 " + acceptance.hostname());
            }
            case "MAIL" -> answer(line, mail(line));
            case "RCPT" -> answer(line, rcpt(line));
            case "DATA" -> data(line);
            case "STARTTLS" -> startTls(line);
            case "AUTH" -> auth(line);
            case "RSET" -> answer(line, "250 2.0.0 Forgotten");
            case "NOOP" -> answer(line, "250 2.0.0 Nothing done");
            case "VRFY" -> answer(line, "252 2.0.0 Send it and see");
            case "QUIT" -> {
                awaitTurn(verb);
                answer(line, "221 2.0.0 Bye");
                yield false;
            }
            default -> answer(line, "500 5.5.2 No such command");
        };
    }

    private String mail(String line) {
        if (!isGreeted || recorder.isTransaction()) {
            return "503 5.5.1 Not now";
        }
        if (!isLoggedIn) {
            return "530 5.7.0 Log in first";
        }
        return isPath(line, "MAIL FROM:<") ? "250 2.1.0 Sender ok" : "501 5.1.7 No reverse-path";
    }

    private String rcpt(String line) {
        if (!recorder.isTransaction()) {
            return "503 5.5.1 MAIL first";
        }
        boolean isPath =
                isPath(line, "RCPT TO:<") && !ReceivedMessage.path(line).isEmpty();
        return isPath ? "250 2.1.5 Recipient ok" : "501 5.1.3 No forward-path";
    }

    private static boolean isPath(String line, String prefix) {
        return line.toUpperCase(Locale.ROOT).startsWith(prefix) && line.indexOf('>') > 0;
    }

    private boolean data(String line) throws IOException, InterruptedException {
        awaitTurn("DATA");
        if (!recorder.isTransaction()) {
            return answer(line, "503 5.5.1 MAIL first");
        }
        if (recorder.recipients() == 0) {
            return answer(line, "554 5.5.1 No recipients");
        }
        return answer(line, "354 Go on")
                && (!recorder.isContentNext() || connection.takeContent() && answer(".", "250 2.0.0 Taken"));
    }

    private boolean startTls(String line) throws IOException, InterruptedException {
        // Not what is at hand on the socket: that may be the handshake.
        if (!connection.inbox().isEmpty()) {
            throw sentTooEarly("STARTTLS, in clear");
        }
        if (!acceptance.isTlsOffered() || connection.wire().isTls()) {
            return answer(line, "502 5.5.1 No TLS here");
        }
        if (!answer(line, "220 2.0.0 Go ahead")) {
            return false;
        }
        if (recorder.isTlsNext()) {
            connection.wire().startTls();
            recorder.clear();
            isGreeted = false;
            isLoggedIn = acceptance.credentials() == null;
        }
        return true;
    }

    private boolean auth(String line) throws IOException, InterruptedException {
        awaitTurn("AUTH");
        List<Fault> met = acceptance.faults().take(line);
        if (met.stream().anyMatch(fault -> fault.kind != Fault.Kind.HOLD)) {
            return answer(met);
        }
        String right = acceptance.credentials();
        if (right == null || isLoggedIn || !isGreeted || recorder.isTransaction()) {
            return answer(met, "503 5.5.1 Not now");
        }
        String claimed = SaslCredentials.take(line, this::ask, acceptance.mechanisms(), right);
        if (claimed == null) {
            return answer(met, "504 5.5.4 No such mechanism");
        }
        isLoggedIn = claimed.equals(right);
        return answer(met, isLoggedIn ? "235 2.7.0 Welcome" : "535 5.7.8 Wrong login or password");
    }

    private String ask(String challenge) throws IOException {
        reply("334 " + challenge);
        String line = connection.takeLine();
        return line == null ? "" : line;
    }

    /** A client waits for the reply to these before it sends more. RFC 2920 §3.1. */
    private void awaitTurn(String verb) throws IOException {
        if (!connection.inbox().isDrained()) {
            throw sentTooEarly(verb);
        }
    }

    private AssertionError sentTooEarly(String verb) {
        return new AssertionError("the client did not wait for the reply to " + verb + " but sent "
                + Escapes.escape(connection.inbox().peek()));
    }

    private boolean answer(String command, String... usual) throws IOException, InterruptedException {
        return answer(acceptance.faults().take(command), usual);
    }

    private boolean answer(List<Fault> met, String... usual) throws IOException, InterruptedException {
        for (Fault fault : met) {
            switch (fault.kind) {
                case HOLD -> connection.hold(fault.latch());
                case REPLY -> {
                    connection.send(ReplyEncoder.encode(fault.reply()));
                    return fault.reply().code() != 421;
                }
                case CLOSE -> {
                    return false;
                }
                case DROP -> {
                    connection.drop();
                    return false;
                }
                case RESET -> {
                    connection.reset();
                    return false;
                }
            }
        }
        reply(usual);
        return true;
    }

    private void reply(String... lines) throws IOException {
        String wire = String.join("\r\n", lines) + "\r\n";
        connection.send(wire.getBytes(StandardCharsets.UTF_8));
    }
}

package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ReplyParser;
import dev.ehlo.smtp.codec.ReplyView;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** A session that hears whatever an engine invents, and what must hold of it all the same. */
final class FuzzedSession {
    /** What no text has: the client waits for replies here. */
    static final byte TURN = (byte) 0xff;

    private static final SessionLimits LIMITS = SessionLimits.STANDARD
            .maxMessageOctets(300)
            .maxRecipients(3)
            .maxErrors(50)
            .maxIdleCommands(50)
            .maxRefusedRecipients(20)
            .maxAuthFailures(5);
    private static final String OUT_OF_STEP = "554 5.5.0 Octets sent before their turn\r\n";
    private static final String IN_STEP = "250 2.0.0 OK\r\n";
    /** RFC 5321 §4.5.3.1.5. */
    private static final int MAX_REPLY_LINE = 512;

    /** Where the session stands when the client begins. */
    enum Start {
        FRESH,
        GREETED,
        TRANSACTION,
        CONTENT
    }

    enum Port {
        MX(Profile.mx(), false),
        MX_UNDER_TLS(Profile.mx(), true),
        SUBMISSION(Profile.submission(), false),
        SUBMISSION_UNDER_TLS(Profile.submission(), true),
        SUBMISSIONS(Profile.submissions(), false),
        LMTP(Profile.lmtp(), false);

        final Profile profile;
        final boolean startTls;

        Port(Profile profile, boolean startTls) {
            this.profile = profile.limits(LIMITS);
            this.startTls = startTls;
        }
    }

    private static final List<Port> PORTS = List.of(Port.values());
    private static final List<HandlerKind> KINDS = List.of(HandlerKind.values());

    private final WatchfulHandler handler;
    private final MachinePeer peer;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    /** The client went on in clear where TLS begins: no handshake comes of it. */
    private boolean lost;

    /** @param setting the port, the kind of handler, and what it honours */
    @SuppressWarnings("EnumOrdinal") // the engine chooses by number
    FuzzedSession(int setting, Start start) {
        Port port = PORTS.get(setting % PORTS.size());
        int rest = setting / PORTS.size();
        HandlerKind kind = KINDS.get(rest % KINDS.size());
        boolean honours = rest / KINDS.size() % 2 == 0;
        handler = new WatchfulHandler(port.profile);
        peer = new MachinePeer(port.profile, kind.calls(handler), honours ? TranscriptTest.ALL : Set.of(), Logins.ALL);
        begin(port, start);
    }

    private void begin(Port port, Start start) {
        hear("");
        String hello = port == Port.LMTP ? "LHLO x\r\n" : "EHLO x\r\n";
        if (port.startTls) {
            hear(hello);
            hear("STARTTLS\r\n");
        }
        if (start == Start.FRESH) {
            return;
        }
        hear(hello);
        if (port.profile.isSubmission()) {
            hear("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        }
        if (start != Start.GREETED) {
            hear("MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.org>\r\n");
        }
        if (start == Start.CONTENT) {
            hear("DATA\r\n");
        }
    }

    private void hear(String text) {
        hear(List.of(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Hears a flight, as it was cut. */
    void hear(List<byte[]> pieces) {
        for (int i = 0; i < pieces.size() && !isOver(); i++) {
            said.writeBytes(peer.exchange(pieces.get(i)));
            if (peer.isAwaitingTls()) {
                boolean more = pieces.stream().skip(i + 1L).anyMatch(piece -> piece.length > 0);
                lost = more;
                if (!more) {
                    peer.startTls();
                    handler.turnedToTls();
                }
            }
        }
    }

    private boolean isOver() {
        return lost || peer.isClosed();
    }

    String replies() {
        return said.toString(StandardCharsets.ISO_8859_1);
    }

    List<String> log() {
        return handler.log;
    }

    /** Whether the session ended because the client did not wait where it must. */
    boolean isOutOfStep() {
        return peer.isClosed() && replies().endsWith(OUT_OF_STEP);
    }

    /** Whether the session ended by a refusal: of a DATA behind which content had come already, or of a chunk. */
    boolean isEndedByRefusal() {
        String last = replies().substring(lastLine());
        return peer.isClosed() && !last.startsWith("221 ") && !last.startsWith("421 ");
    }

    /** All but the refusal, which may be one error too many where it does not end the session by itself. */
    String repliesBeforeRefusal() {
        return replies().substring(0, lastLine());
    }

    private int lastLine() {
        return replies().lastIndexOf('\n', replies().length() - 2) + 1;
    }

    String repliesInStep() {
        return replies().substring(0, replies().length() - OUT_OF_STEP.length());
    }

    /** What was asked before the session ended, which aborts a sink that is open. */
    List<String> logBeforeEnd() {
        int last = log().size() - 1;
        return last >= 0 && log().get(last).equals("ABORT") ? log().subList(0, last) : log();
    }

    /** The client has said all that it had to say. */
    void end() {
        comeIntoStep();
        peer.session().lost();
        handler.checkEnds();
        checkReplies();
        assertThat(peer.failures).allSatisfy(WatchfulHandler::isMishap);
    }

    /** Whatever was said, behind the end of lines, content and chunk a command is a command, unless the session is over. */
    private void comeIntoStep() {
        hear("\r\n");
        hear(".\r\n");
        for (int octets = 0; !isOver() && !replies().endsWith(IN_STEP); octets += 6) {
            assertThat(octets).as("octets without an end of it").isLessThan(1000);
            hear("NOOP\r\n");
        }
    }

    private void checkReplies() {
        ByteBuffer octets = ByteBuffer.wrap(said.toByteArray());
        ReplyParser parser = new ReplyParser();
        ReplyView view = new ReplyView();
        while (octets.hasRemaining()) {
            assertThat(parser.parse(octets, view)).isEqualTo(ParseResult.COMPLETE);
            assertThat(view.code()).isBetween(214, 555);
        }
        for (String line : replies().split("\r\n", -1)) {
            assertThat(line.length() + 2).isLessThanOrEqualTo(MAX_REPLY_LINE);
        }
    }
}

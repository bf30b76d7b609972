package dev.ehlo.smtp.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A session with several deliveries and a server that says anything, and what must hold of it whatever that is: an outcome
 * for each recipient of each message; none RELAYED without 2yz after its end of data; none of which it is said that it
 * was not sent, or can go elsewhere, once its end of data was put; output that has an end, and is lines.
 */
final class FuzzedClient {
    /** In what a server says: it waits for what the client says, and for the next delivery to begin. */
    static final byte TURN = (byte) 0xFF;
    /** In what a server says: it says nothing for as long as the client has patience. */
    static final byte LATE = (byte) 0xFE;

    /** What went before. */
    enum Start {
        FRESH,
        GREETED,
        CONTENT,
        KEPT
    }

    private static final int MAX_DELIVERIES = 4;
    /** Commands that one part of input can call for: a few transactions' worth. */
    private static final int MAX_COMMANDS = 100;

    private static final int OUTPUT = 16 * 1024;
    private static final Pattern POSITIVE = Pattern.compile("(?:^|\n)2[0-9][0-9](?:[ -]|\r)");
    /** By which a recipient is left for another transaction, and so not sent anything in this one. */
    private static final Pattern TOO_MANY = Pattern.compile("[45]52");

    private static final Pattern COMMANDS = Pattern.compile(
            "(?:(?:EHLO|LHLO|HELO|STARTTLS|AUTH|RSET|MAIL|RCPT|DATA|BDAT|QUIT)(?: [ -~]*)?\r\n)+|\\.\r\n");

    private final boolean pipelining;
    private final boolean chunking;
    private final boolean lmtp;
    private final boolean login;
    private final boolean slow;
    private final boolean secured;
    private final boolean limits;
    private final boolean binary;

    private final List<SessionPlan> plans = new ArrayList<>();
    /** Of each delivery whose end of data was put: what was received since. */
    private final List<@Nullable StringBuilder> sinceEnd = new ArrayList<>();

    private final List<SessionOutcome> outcomes = new ArrayList<>();
    private final StringBuilder said = new StringBuilder();
    private final StringBuilder heard = new StringBuilder();
    private final StringBuilder commands = new StringBuilder();
    private final SilentConnection connection;
    private final ClientSession session;
    private @Nullable ContentOut content;
    private byte[] left = {};
    private long now;

    /** A session of that kind, one bit for each trait, with a good server up to that point. */
    FuzzedClient(int traits, Start start) {
        pipelining = (traits & 1) != 0;
        chunking = (traits & 2) != 0;
        lmtp = (traits & 4) != 0;
        login = (traits & 8) != 0;
        slow = (traits & 16) != 0;
        secured = (traits & 32) != 0;
        limits = (traits & 64) != 0;
        binary = (traits & 128) != 0;
        connection = new SilentConnection(slow ? 7 : Long.MAX_VALUE);
        session = SessionRun.session(plan(), secured ? TlsMode.IMPLICIT : TlsMode.NONE);
        if (start != Start.FRESH) {
            begin(start);
        }
    }

    private SessionPlan plan() {
        int number = plans.size();
        Envelope envelope = Envelope.from("a" + number + "@example.org")
                .to("b" + number + "@example.net", "c" + number + "@example.net");
        if (binary) {
            envelope = envelope.with(EsmtpParameter.body(BodyType.BINARY_MIME));
        }
        SessionPlan plan = new SessionPlan(
                "client.example",
                Plans.HOST,
                envelope,
                new Content(
                        MessageSource.of(("Subject: " + number + "\r\n\r\n.dot\r\n\u00ff\r\n").getBytes(ISO_8859_1))),
                secured ? TlsPolicy.required() : TlsPolicy.opportunistic(),
                login ? Plans.login("user", "secret", true) : null,
                SessionTimeouts.standard(),
                new ConnectionReuse(Duration.ofSeconds(10), MAX_DELIVERIES, Duration.ofMinutes(5)),
                null,
                lmtp);
        plans.add(plan);
        sinceEnd.add(null);
        return plan;
    }

    private void begin(Start start) {
        String ehlo = "250-mx\r\n" + (pipelining ? "250-PIPELINING\r\n" : "")
                + (chunking ? "250-CHUNKING\r\n250-BINARYMIME\r\n" : "") + (limits ? "250-LIMITS RCPTMAX=1\r\n" : "")
                + (login ? "250-AUTH PLAIN\r\n" : "") + "250 8BITMIME\r\n";
        LineServer server = new LineServer().on("EHLO", ehlo).on("LHLO", ehlo).on("AUTH", "235 ok\r\n");
        if (start == Start.GREETED) {
            server.on("MAIL", "");
        } else if (start == Start.CONTENT) {
            server.on(".", "");
        } else if (lmtp) {
            server.on(".", "250 ok\r\n250 ok\r\n");
        }
        advance();
        String reply = server.greet();
        for (int i = 0; !reply.isEmpty() && outcomes.isEmpty() && i < 50; i++) {
            receive(reply.getBytes(ISO_8859_1));
            reply = server.take(take());
        }
    }

    /** What the server says, cut so. */
    void hear(List<byte[]> pieces) {
        for (byte[] piece : pieces) {
            int from = 0;
            for (int i = 0; i <= piece.length; i++) {
                if (i == piece.length || piece[i] == TURN || piece[i] == LATE) {
                    receive(Arrays.copyOfRange(piece, from, i));
                    from = i + 1;
                    if (i < piece.length && piece[i] == LATE) {
                        now = Math.max(now, session.deadline());
                        session.deadlineReached(now);
                        advance();
                    } else if (i < piece.length) {
                        beginAnother();
                    }
                }
            }
        }
    }

    private void beginAnother() {
        if (content == null && plans.size() < MAX_DELIVERIES && session.takesAnother(now)) {
            session.begin(plan(), now);
            advance();
        }
    }

    private void receive(byte[] octets) {
        heard.append(new String(octets, ISO_8859_1));
        for (StringBuilder each : sinceEnd) {
            if (each != null) {
                each.append(new String(octets, ISO_8859_1));
            }
        }
        ByteBuffer in = ByteBuffer.allocate(left.length + octets.length)
                .put(left)
                .put(octets)
                .flip();
        session.receive(in, now);
        left = new byte[in.remaining()];
        in.get(left);
        assertThat(session.deadline()).isGreaterThanOrEqualTo(now);
        advance();
    }

    private void advance() {
        for (int i = 0; ; i++) {
            assertThat(i).as("commands without an end").isLessThan(MAX_COMMANDS);
            boolean progress = command() || answer() || sendContent();
            poll();
            if (!progress) {
                return;
            }
        }
    }

    private boolean command() {
        int room = session.room();
        if (room == 0 || content != null) {
            return false;
        }
        ByteBuffer out = ByteBuffer.allocate(Math.max(room, OUTPUT));
        session.send(out, now);
        String lines = new String(out.array(), 0, out.position(), ISO_8859_1);
        assertThat(out.position()).as(lines).isBetween(1, Math.max(room, OUTPUT));
        if (!login) {
            assertThat(lines).matches(COMMANDS);
        }
        said.append(lines);
        commands.append(lines);
        return true;
    }

    private boolean answer() {
        SaslStep.Ask question = session.takeQuestion();
        if (question != null) {
            session.answered(
                    question,
                    question.by(Runnable::run).exceptionally(e -> null).join(),
                    now);
        }
        return question != null;
    }

    /** False if nothing is to be sent, or there is no room for now. */
    private boolean sendContent() {
        if (!session.isContentDue()) {
            if (content != null) {
                content.close();
                content = null;
            }
            return false;
        }
        int number = plans.size() - 1;
        try {
            if (content == null) {
                content = ContentOut.open(plans.get(number).content(), session.isContentChunk(), new ContentBlocks());
            }
            boolean whole = content.sendTo(connection);
            connection.drain();
            if (!whole) {
                session.contentProgressed(now);
                return !slow;
            }
            content.close();
            content = null;
            connection.flush();
            said.append(new String(connection.sent(), ISO_8859_1));
            session.contentSent(now);
            sinceEnd.set(number, new StringBuilder());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void poll() {
        for (SessionOutcome each = session.pollOutcome(); each != null; each = session.pollOutcome()) {
            check(outcomes.size(), each);
            outcomes.add(each);
        }
        assertThat(session.pollContentFailure()).isNull();
    }

    private byte[] take() {
        byte[] octets = said.toString().getBytes(ISO_8859_1);
        said.setLength(0);
        return octets;
    }

    /** The connection is lost, and everything has to be known then. */
    void end() {
        boolean turning = session.isTurning();
        if (!turning) {
            session.connectionLost();
        }
        poll();
        if (turning) {
            assertThat(outcomes).as("what follows under TLS is another session").isEmpty();
            assertThat(plans).hasSize(1);
        } else {
            assertThat(outcomes).hasSameSizeAs(plans);
            assertThat(session.isOver()).isTrue();
        }
        assertThat(session.room()).isZero();
        assertThat(session.isContentDue()).isFalse();
    }

    private void check(int number, SessionOutcome outcome) {
        assertThat(number).as("more outcomes than deliveries").isLessThan(plans.size());
        List<Recipient> recipients = plans.get(number).envelope().recipients();
        if (outcome instanceof SessionOutcome.Decided decided) {
            assertThat(decided.outcomes())
                    .extracting(RecipientOutcome::recipient)
                    .isEqualTo(recipients);
            decided.outcomes().forEach(each -> check(number, each));
        } else if (outcome instanceof SessionOutcome.Partly partly) {
            List<Recipient> all = new ArrayList<>(recipients);
            partly.outcomes()
                    .forEach(each -> assertThat(all.remove(each.recipient())).isTrue());
            partly.rest()
                    .forEach(
                            each -> assertThat(all.remove(recipients.get(each))).isTrue());
            assertThat(all).isEmpty();
            assertThat(partly.rest()).isNotEmpty();
            partly.outcomes().forEach(each -> check(number, each));
        } else {
            assertThat(sinceEnd.get(number)).as(outcome + " after end of data").isNull();
        }
    }

    private void check(int number, RecipientOutcome outcome) {
        DeliveryStatus status = outcome.status();
        StringBuilder since = sinceEnd.get(number);
        assertThat(outcome.reply().toString().chars().allMatch(c -> c >= ' ' && c != 0x7f))
                .isTrue();
        if (status.isSuccess()) {
            assertThat(status).isEqualTo(lmtp ? DeliveryStatus.DELIVERED : DeliveryStatus.RELAYED);
            assertThat(since).as("relayed before its end of data").isNotNull();
            assertThat(POSITIVE.matcher(since).find()).as("relayed by " + since).isTrue();
        } else if (status == DeliveryStatus.NOT_SENT) {
            boolean named = commands.indexOf("RCPT TO:<" + outcome.recipient().mailbox() + ">") >= 0;
            assertThat(named && since != null && !TOO_MANY.matcher(heard).find())
                    .as(outcome + " after end of data")
                    .isFalse();
        } else if (status == DeliveryStatus.UNKNOWN) {
            assertThat(since).as(outcome + " before end of data").isNotNull();
        } else {
            assertThat(status).isIn(DeliveryStatus.FAILED, DeliveryStatus.DEFERRED);
            boolean permanent = outcome.reply().isPermanent() && !isTooMany(outcome);
            assertThat(permanent).as(outcome.toString()).isEqualTo(status == DeliveryStatus.FAILED);
            assertThat(outcome.reply().code()).as(outcome.toString()).isGreaterThanOrEqualTo(400);
        }
    }

    /** RFC 5321 §4.5.3.1.10. */
    private static boolean isTooMany(RecipientOutcome outcome) {
        return outcome.reply().code() == 552 && outcome.phase() == DeliveryPhase.RCPT;
    }
}

package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.util.ArrayDeque;

/** Keeps one connection for the messages of a {@link Load}, one after the other; one that is due waits for those before. */
final class Sender extends Dialogue {
    private static final byte[] CONTENT = ascii("Subject: soak\r\n\r\n" + "line of a message\r\n".repeat(50) + ".\r\n");

    private final Load load;
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private boolean busy;
    private long due;
    private int number;
    private int replies;
    /** The first refusal of this transaction, or 0. */
    private int refusal;

    private boolean gone;

    Sender(Load load) {
        this.load = load;
    }

    @Override
    void begin(Connection connection) {}

    /** One more message, whose time counts from when it was due. From any thread, once it is ready. */
    void send(long dueNanos) {
        Connection connection = ready().toCompletableFuture().join();
        connection.loop().execute(() -> {
            if (gone) {
                load.ended(dueNanos, "not sent");
            } else {
                waiting.add(dueNanos);
                next(connection);
            }
        });
    }

    private void next(Connection connection) {
        if (busy || waiting.isEmpty()) {
            return;
        }
        busy = true;
        due = waiting.remove();
        replies = 0;
        refusal = 0;
        number = load.ledger().next();
        say(connection, "MAIL FROM:<soak@example.net>\r\nRCPT TO:<" + Sink.recipient(number) + ">\r\nDATA");
    }

    @Override
    void replied(Connection connection, int code, String lastLine) {
        replies++;
        if (code >= 400 && refusal == 0) {
            refusal = code;
        }
        if (code == 354) {
            say(connection, CONTENT);
        } else if (replies == 4 || replies == 3) {
            if (code == 250) {
                load.ledger().acknowledged(number);
            }
            load.ended(due, String.valueOf(code == 250 ? code : refusal));
            busy = false;
            next(connection);
        }
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        gone = true;
        if (busy) {
            load.ended(due, cause.kind().name());
        }
        waiting.forEach(each -> load.ended(each, "not sent"));
        waiting.clear();
        super.closed(connection, cause);
    }
}

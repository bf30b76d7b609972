package dev.ehlo.smtp.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks on while a client and a scripted server talk, and makes out the messages: pairs each command with its reply, in
 * order. Used by the thread of the connection. RFC 5321 §4.1.4, RFC 2920 §3.1.
 */
final class SessionRecorder implements Player.Observer {
    private static final String GREETING = "(greeting)";
    private static final String END_OF_DATA = "(end of data)";

    private final PeerLog log;
    private final PeerLog.Entry entry;
    private final Deque<String> unanswered = new ArrayDeque<>(List.of(GREETING));
    private final List<String> rcpts = new ArrayList<>();
    private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream();
    private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
    private @Nullable String mail;
    private @Nullable ByteArrayOutputStream content;
    private boolean tlsNext;
    private byte[] message = {};

    SessionRecorder(PeerLog log, PeerLog.Entry entry) {
        this.log = log;
        this.entry = entry;
    }

    @Override
    public void received(byte[] octets) {
        for (byte octet : octets) {
            String line = lineEndedBy(octet, fromClient);
            if (line != null) {
                if (content != null) {
                    contentLine(line, content);
                } else {
                    command(line);
                }
            }
        }
    }

    @Override
    public void sending(byte[] octets) {
        for (byte octet : octets) {
            String line = lineEndedBy(octet, fromServer);
            if (line != null && line.matches("[2-5][0-9][0-9]( .*)?")) {
                reply(line.charAt(0), line);
            }
        }
    }

    /** The content that ends here, come otherwise than by lines. */
    void content(byte[] octets) {
        message = octets;
        content = null;
        unanswered.add(END_OF_DATA);
    }

    /** No reply to end of data will be sent, although nothing speaks against the message. */
    void end() {
        if (END_OF_DATA.equals(unanswered.peek())) {
            unanswered.clear();
            recordMessage();
        }
    }

    /** Whether content comes next. */
    boolean isContentNext() {
        return content != null;
    }

    /** Whether the last command was STARTTLS, and was accepted. */
    boolean isTlsNext() {
        return tlsNext;
    }

    /** Whether MAIL was accepted, and no end of the transaction came since. */
    boolean isTransaction() {
        return mail != null;
    }

    /** How many RCPT were accepted in this transaction. */
    int recipients() {
        return rcpts.size();
    }

    private void command(String line) {
        log.command(entry, line);
        unanswered.add(line);
    }

    private void contentLine(String line, ByteArrayOutputStream octets) {
        if (line.equals(".")) {
            content(octets.toByteArray());
        } else {
            String text = (line.startsWith(".") ? line.substring(1) : line) + "\r\n";
            octets.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private void reply(char first, String line) {
        String command = unanswered.poll();
        if (command == null) {
            return;
        }
        boolean positive = first == '2';
        String verb = verb(command);
        tlsNext = verb.equals("STARTTLS") && positive;
        if (command.equals(END_OF_DATA)) {
            if (positive) {
                recordMessage();
            }
            clear();
        } else if (verb.equals("DATA") && line.startsWith("354")) {
            content = new ByteArrayOutputStream();
        } else if (verb.equals("MAIL") && positive) {
            clear();
            mail = command;
        } else if (verb.equals("RCPT") && positive) {
            rcpts.add(command);
        } else if (positive && (verb.equals("RSET") || verb.equals("EHLO") || verb.equals("HELO"))) {
            clear();
        }
    }

    private void recordMessage() {
        log.message(new ReceivedMessage(mail == null ? "" : mail, rcpts, message));
    }

    /** Ends the transaction. */
    void clear() {
        mail = null;
        rcpts.clear();
        message = new byte[0];
    }

    static String verb(String command) {
        int space = command.indexOf(' ');
        return (space < 0 ? command : command.substring(0, space)).toUpperCase(Locale.ROOT);
    }

    private static @Nullable String lineEndedBy(byte octet, ByteArrayOutputStream line) {
        line.write(octet);
        if (octet != '\n') {
            return null;
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r\n")) {
            return null;
        }
        line.reset();
        return text.substring(0, text.length() - 2);
    }
}

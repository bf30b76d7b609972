package dev.ehlo.smtp.mta;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The next hop of the crash test: answers recipients by what they are called, compares what comes octet for octet, and
 * tells the ledger of it before it answers. A thread for each connection, which ends with the process on its other side.
 */
final class CrashSink implements AutoCloseable {
    private static final int BACKLOG = 256;
    private static final int MAX_LINE = 1000;
    private static final String END_OF_DATA = "\r\n.\r\n";
    private static final Pattern FINAL_RECIPIENT = Pattern.compile("\r\nFinal-Recipient: rfc822; *([^\r]+)\r\n");
    private static final Pattern MESSAGE_ID = Pattern.compile("\r\nMessage-ID: *([^\r]+)\r\n");

    private final CrashLedger ledger;
    private final ServerSocket listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger process = new AtomicInteger(-1);
    private volatile boolean closed;

    CrashSink(CrashLedger ledger) throws IOException {
        this.ledger = ledger;
        Thread thread = new Thread(this::accept, "crash-sink");
        thread.setDaemon(true);
        thread.start();
    }

    /** Connections are those of the next process from now on, whose number this is. */
    int nextProcess() {
        return process.incrementAndGet();
    }

    String address() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                int of = process.get();
                Thread thread = new Thread(() -> serve(socket, of), "crash-sink-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            if (!closed) {
                ledger.violation("the sink takes no more connections: " + e);
            }
        }
    }

    private void serve(Socket socket, int of) {
        try (socket) {
            socket.setTcpNoDelay(true);
            new Conversation(socket, of).run();
        } catch (IOException e) {
            // However a killed process leaves, it left; what it lost, the ledger finds.
        } catch (RuntimeException | AssertionError e) {
            ledger.violation("the sink cannot go on: " + e);
        } finally {
            sockets.remove(socket);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private final class Conversation {
        private final Socket socket;
        private final InputStream in;
        private final int of;
        private final List<String> recipients = new ArrayList<>();
        private String sender = "";

        Conversation(Socket socket, int of) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
            this.of = of;
        }

        private void say(String reply) throws IOException {
            socket.getOutputStream().write((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        void run() throws IOException {
            say("220 next.example ESMTP");
            for (String line = take("\r\n", MAX_LINE); !line.isEmpty(); line = take("\r\n", MAX_LINE)) {
                switch (line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT)) {
                    case "EHLO" -> say("250-next.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES");
                    case "MAIL" -> {
                        recipients.clear();
                        sender = path(line);
                        say("250 2.1.0 Sender ok");
                    }
                    case "RCPT" -> say(recipient(path(line)));
                    case "DATA" -> data();
                    case "RSET", "NOOP" -> say("250 2.0.0 Ok");
                    case "QUIT" -> {
                        say("221 2.0.0 Bye");
                        return;
                    }
                    default -> say("500 5.5.2 No such command");
                }
            }
        }

        private String path(String line) {
            return line.substring(line.indexOf('<') + 1, line.indexOf('>'));
        }

        private String recipient(String mailbox) {
            if (CrashMail.isRefused(mailbox)) {
                ledger.refused(mailbox, of);
                return "550 5.1.1 No such mailbox";
            }
            if (CrashMail.isDeferredOnce(mailbox) && ledger.defers(mailbox)) {
                return "450 4.2.1 Later";
            }
            recipients.add(mailbox);
            return "250 2.1.5 Recipient ok";
        }

        private void data() throws IOException {
            if (recipients.isEmpty()) {
                say("554 5.5.1 No recipients");
                return;
            }
            say("354 Go on");
            String stuffed = take(END_OF_DATA, Integer.MAX_VALUE);
            if (stuffed.isEmpty()) {
                return;
            }
            String content = stuffed.substring(0, stuffed.length() - 3).replace("\r\n..", "\r\n.");
            if (sender.isEmpty()) {
                report(content);
            } else {
                message(content);
            }
            say("250 2.0.0 Taken");
        }

        private void message(String content) {
            CrashMail mail = CrashMail.of(CrashMail.sentBy(sender));
            if (!Mail.withoutTrace(content, "Received").equals(mail.content())) {
                ledger.violation("message " + mail.number() + " arrived otherwise than it was sent");
            }
            for (String recipient : recipients) {
                if (!mail.recipients().contains(recipient)) {
                    ledger.violation("message " + mail.number() + " came to " + recipient);
                }
                ledger.arrived(recipient, "", of);
            }
        }

        private void report(String content) {
            Matcher id = MESSAGE_ID.matcher(content);
            Matcher failed = FINAL_RECIPIENT.matcher(content);
            if (!id.find() || !failed.find()) {
                ledger.violation("from nobody, and no report: "
                        + content.lines().limit(20).toList());
                return;
            }
            do {
                String recipient = failed.group(1);
                if (!CrashMail.isRefused(recipient)
                        || !recipients.equals(List.of("n" + CrashMail.numberOf(recipient) + "@sender.example"))) {
                    ledger.violation("the report of " + recipient + " came to " + recipients);
                }
                ledger.arrived(recipient, id.group(1), of);
            } while (failed.find());
        }

        /** What comes up to and with the mark; empty if the client is gone before. */
        private String take(String mark, int limit) throws IOException {
            byte[] end = mark.getBytes(StandardCharsets.US_ASCII);
            ByteArrayOutputStream taken = new ByteArrayOutputStream();
            int matched = 0;
            while (matched < end.length) {
                int octet = in.read();
                if (octet < 0) {
                    return "";
                }
                if (taken.size() == limit) {
                    throw new IllegalStateException("more than " + limit + " octets in a line");
                }
                taken.write(octet);
                matched = octet == end[matched] ? matched + 1 : octet == '\r' ? 1 : 0;
            }
            return taken.toString(StandardCharsets.ISO_8859_1);
        }
    }
}

package dev.ehlo.smtp.mta;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Several connections that send the ledger's messages to one server process until it is killed. */
final class CrashLoad {
    private static final int CONNECTIONS = 8;
    private static final int PATIENCE_MILLIS = 60_000;

    private final CrashLedger ledger;
    private final int port;
    private final AtomicInteger left;
    private final Runnable atLast;
    private final List<Thread> threads = new ArrayList<>();

    /** Starts. The connection that gets the acknowledgement of that number runs the task, there and then. */
    CrashLoad(CrashLedger ledger, int port, int acknowledgements, Runnable atLast) {
        this.ledger = ledger;
        this.port = port;
        this.left = new AtomicInteger(acknowledgements);
        this.atLast = atLast;
        for (int i = 0; i < CONNECTIONS; i++) {
            Thread thread = new Thread(this::send, "crash-load-" + i);
            thread.start();
            threads.add(thread);
        }
    }

    /** Waits until all connections are over, as they are once the ledger has no more to send, or the server is gone. */
    void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void send() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            OutputStream out = socket.getOutputStream();
            expect(in, "220");
            say(out, "EHLO client.example\r\n");
            expect(in, "250");
            for (CrashMail mail = ledger.next(); mail != null; mail = ledger.next()) {
                send(mail, in, out);
                ledger.acknowledged(mail);
                if (left.decrementAndGet() == 0) {
                    atLast.run();
                }
            }
            say(out, "QUIT\r\n");
            expect(in, "221");
        } catch (IOException e) {
            if (ledger.isLoading()) {
                ledger.violation("cut off before the kill: " + e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void send(CrashMail mail, BufferedReader in, OutputStream out) throws IOException {
        StringBuilder envelope = new StringBuilder("MAIL FROM:<" + mail.sender() + ">\r\n");
        for (String recipient : mail.recipients()) {
            envelope.append("RCPT TO:<").append(recipient).append(">\r\n");
        }
        say(out, envelope.append("DATA\r\n").toString());
        for (int i = 0; i <= mail.recipients().size(); i++) {
            expect(in, "250");
        }
        expect(in, "354");
        out.write(mail.stuffed());
        expect(in, "250");
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void expect(BufferedReader in, String code) throws IOException {
        String line = in.readLine();
        while (line != null && line.startsWith(code + '-')) {
            line = in.readLine();
        }
        if (line == null) {
            throw new EOFException("closed by the server");
        }
        if (!line.startsWith(code)) {
            // Nothing is asked here that a sound server refuses.
            ledger.violation("answered " + line);
            throw new IOException(line);
        }
    }
}

package dev.ehlo.smtp.mta.selftest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ehlo.smtp.testkit.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server for strangers' mail as small as can be, with one defence removed or none. It has a thread for each connection,
 * and nothing of ours but the certificate.
 */
public final class FakeServer implements AutoCloseable {
    /** What it does that no server should. */
    public enum Weakness {
        ENDS_DATA_AT_LF_DOT_LF,
        RUNS_WHAT_CAME_BEHIND_STARTTLS,
        KEEPS_STATE_OVER_STARTTLS,
        GOES_ON_IN_CLEAR_BEHIND_CLOSE_NOTIFY,
        RELAYS_BY_PERCENT,
        HEARS_HTTP_OUT,
        KEEPS_REPLIES_THAT_NOBODY_READS,
        SERVES_NOBODY
    }

    private static final String DOMAIN = "localhost";
    /** Of all of them, and with it the sessions that may be resumed. */
    private static final SSLContext TLS = TestCertificate.selfSigned(DOMAIN).serverContext();

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Weakness> weaknesses = EnumSet.noneOf(Weakness.class);
    private final Watch watch;

    public FakeServer(Watch watch, Weakness... weaknesses) throws IOException {
        this.watch = watch;
        this.weaknesses.addAll(List.of(weaknesses));
        Thread acceptor = new Thread(this::accept, "fake-server");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread session = new Thread(() -> serve(socket), "fake-session");
                session.setDaemon(true);
                session.start();
            } catch (IOException e) {
                return; // closed, and with it the server
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            new Session(socket).run();
        } catch (IOException e) {
            return; // the attacker is gone, and his session with him
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private final class Session {
        private final InetAddress client;
        private final Socket raw;
        private Socket socket;
        private InputStream in;
        private String kept = "";
        private final StringBuilder unread = new StringBuilder();
        private boolean greeted;
        private String sender;
        private List<String> recipients = new ArrayList<>();

        Session(Socket socket) throws IOException {
            this.raw = socket;
            this.socket = socket;
            this.in = socket.getInputStream();
            this.client = socket.getInetAddress();
        }

        private boolean is(Weakness weakness) {
            return weaknesses.contains(weakness);
        }

        private void say(String reply) throws IOException {
            if (is(Weakness.KEEPS_REPLIES_THAT_NOBODY_READS) && reply.startsWith("250-")) {
                unread.append(reply); // as one does who would write it later
                return;
            }
            socket.getOutputStream().write((reply + "\r\n").getBytes(ISO_8859_1));
        }

        /** Up to one of the ends and with it, of what is kept and of what comes; null at the end of input. */
        private String until(String... ends) throws IOException {
            while (true) {
                int first = Integer.MAX_VALUE;
                for (String end : ends) {
                    int at = kept.indexOf(end);
                    first = at < 0 ? first : Math.min(first, at + end.length());
                }
                if (first <= kept.length()) {
                    String text = kept.substring(0, first);
                    kept = kept.substring(first);
                    return text;
                }
                byte[] octets = new byte[8192];
                int count = in.read(octets);
                if (count < 0 && socket instanceof SSLSocket && is(Weakness.GOES_ON_IN_CLEAR_BEHIND_CLOSE_NOTIFY)) {
                    socket = raw;
                    in = raw.getInputStream();
                    continue;
                }
                if (count < 0) {
                    return null;
                }
                kept += new String(octets, 0, count, ISO_8859_1);
            }
        }

        void run() throws IOException {
            say("220 localhost ESMTP");
            boolean first = true;
            for (String line = until("\r\n"); line != null; line = until("\r\n")) {
                line = line.substring(0, line.length() - 2);
                String verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
                boolean isAlien =
                        verb.matches("GET|POST|PUT|HEAD|CONNECT|OPTIONS") || first && !line.matches("(?s)[A-Za-z].*");
                if (isAlien && !is(Weakness.HEARS_HTTP_OUT)) {
                    return;
                }
                first = false;
                if (!answer(verb, line)) {
                    return;
                }
            }
        }

        private boolean answer(String verb, String line) throws IOException {
            switch (verb) {
                case "EHLO", "HELO" -> {
                    forget();
                    greeted = true;
                    say(
                            verb.equals("HELO")
                                    ? "250 localhost"
                                    : "250-localhost\r\n250 "
                                            + (socket instanceof SSLSocket ? "8BITMIME" : "STARTTLS"));
                }
                case "MAIL" -> mail(line);
                case "RCPT" -> rcpt(line);
                case "DATA" -> data();
                case "RSET" -> {
                    forget();
                    say("250 2.0.0 OK");
                }
                case "NOOP" -> say("250 2.0.0 OK");
                case "HELP" -> say("214 2.0.0 RFC 5321");
                case "STARTTLS" -> {
                    return startTls(line);
                }
                case "QUIT" -> {
                    say("221 2.0.0 Bye");
                    return false;
                }
                default -> say("500 5.5.1 What?");
            }
            return true;
        }

        private void forget() {
            sender = null;
            recipients = new ArrayList<>();
        }

        private void mail(String line) throws IOException {
            if (!greeted || sender != null || is(Weakness.SERVES_NOBODY)) {
                say("503 5.5.1 Not now");
                return;
            }
            sender = line.replaceAll("(?s)^[^<]*<|>.*$", "");
            watch.ask(client, "MAIL " + sender);
            say("250 2.1.0 OK");
        }

        private void rcpt(String line) throws IOException {
            String mailbox = line.replaceAll("(?s)^[^<]*<|>[^>]*$", "");
            boolean isLocal = mailbox.matches("[a-z]+@" + DOMAIN)
                    || is(Weakness.RELAYS_BY_PERCENT) && mailbox.matches("[a-z%.]+@" + DOMAIN);
            if (sender == null) {
                say("503 5.5.1 Not now");
            } else if (!isLocal || !line.endsWith(">")) {
                say("550 5.7.1 Not here");
            } else {
                watch.ask(client, "RCPT " + mailbox);
                recipients.add(mailbox);
                say("250 2.1.5 OK");
            }
        }

        private void data() throws IOException {
            if (recipients.isEmpty()) {
                say("503 5.5.1 Not now");
                return;
            }
            say("354 Go on");
            String content = "\r\n";
            do {
                String more = is(Weakness.ENDS_DATA_AT_LF_DOT_LF) ? until("\n.\n", "\n.\r\n") : until("\r\n");
                if (more == null) {
                    throw new IOException("half a message");
                }
                content += more;
            } while (!content.endsWith("\r\n.\r\n") && !is(Weakness.ENDS_DATA_AT_LF_DOT_LF));
            String taken = content.substring(2).replaceAll("\\.\r?\n$", "");
            boolean isBare = taken.replace("\r\n", "").matches("(?s).*[\r\n].*");
            boolean isRefused =
                    isBare && !is(Weakness.ENDS_DATA_AT_LF_DOT_LF) || watch.fails(client, Watch.Fault.COMPLETE);
            if (!isRefused) {
                watch.take(client, new Watch.Message("", sender, recipients, taken));
            }
            forget();
            say(isRefused ? "550 5.6.0 Refused" : "250 2.0.0 Taken");
        }

        private boolean startTls(String line) throws IOException {
            if (!line.equalsIgnoreCase("STARTTLS")) {
                say("501 5.5.4 No arguments");
                return true;
            }
            if (!kept.isEmpty() && !is(Weakness.RUNS_WHAT_CAME_BEHIND_STARTTLS)) {
                say("554 5.5.0 Too early");
                return false;
            }
            say("220 2.0.0 Go on");
            SSLSocket tls = (SSLSocket) TLS.getSocketFactory().createSocket(raw, null, raw.getPort(), false);
            tls.setUseClientMode(false);
            tls.startHandshake();
            socket = tls;
            in = tls.getInputStream();
            if (!is(Weakness.KEEPS_STATE_OVER_STARTTLS)) {
                greeted = false;
                forget();
            }
            return true;
        }
    }
}

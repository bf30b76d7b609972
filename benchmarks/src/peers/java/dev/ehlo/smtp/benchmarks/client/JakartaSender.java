package dev.ehlo.smtp.benchmarks.client;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/** Sends with Jakarta Mail, by a thread for each connection; the message is parsed once for each. */
public final class JakartaSender implements Sender {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final String transport;
    private final boolean isKept;

    /**
     * @param what {@code CLASS,kept} or {@code CLASS,each}: whose transport, and whether it is connected once, or for each
     *     message, as {@code Transport.send} does it
     */
    public JakartaSender(String what) {
        String[] words = what.split(",", -1);
        this.transport = words[0];
        this.isKept = words[1].equals("kept");
    }

    @Override
    public void send(InetSocketAddress server, int connections, byte[] content, long messages) throws Exception {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", server.getAddress().getHostAddress());
        properties.put("mail.smtp.port", String.valueOf(server.getPort()));
        properties.put("mail.smtp.localhost", "localhost");
        properties.put("mail.smtp.class", transport);
        Session session = Session.getInstance(properties);
        AtomicLong left = new AtomicLong(messages);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            all.add(threads.submit(() -> {
                send(session, content, left);
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
    }

    private void send(Session session, byte[] content, AtomicLong left) throws MessagingException {
        Address[] to = {new InternetAddress(TO)};
        MimeMessage message = new MimeMessage(session, new ByteArrayInputStream(content));
        Transport kept = session.getTransport("smtp");
        try {
            while (left.getAndDecrement() > 0) {
                if (!kept.isConnected()) {
                    kept.connect();
                }
                kept.sendMessage(message, to);
                if (!isKept) {
                    kept.close();
                }
            }
        } finally {
            kept.close();
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}

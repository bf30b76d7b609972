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

/** Sends with Angus Mail, a thread and a Transport for each connection; the message is parsed once for each. */
public final class AngusSender implements Sender {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** With no threads yet. */
    public AngusSender() {}

    @Override
    public void send(InetSocketAddress server, int connections, byte[] content, long messages) throws Exception {
        Properties properties = new Properties();
        properties.put("mail.smtp.host", server.getAddress().getHostAddress());
        properties.put("mail.smtp.port", String.valueOf(server.getPort()));
        properties.put("mail.smtp.localhost", "localhost");
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

    private static void send(Session session, byte[] content, AtomicLong left) throws MessagingException {
        Address[] to = {new InternetAddress(TO)};
        MimeMessage message = new MimeMessage(session, new ByteArrayInputStream(content));
        try (Transport transport = session.getTransport("smtp")) {
            transport.connect();
            while (left.getAndDecrement() > 0) {
                transport.sendMessage(message, to);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}

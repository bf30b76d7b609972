package dev.ehlo.smtp.client;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A DNS server on a free port of the loopback address, by UDP and, for answers too long for that, by TCP, with the
 * records that a test gives it. Names that it has no record of do not exist; a name that has records of another type
 * only has none of this one.
 */
final class DnsServer implements AutoCloseable {
    private static final int MAX_UDP = 1232;
    private static final int MAX_TCP = 65_535;

    private final ServerSocket tcp = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    private final DatagramSocket socket = new DatagramSocket(tcp.getLocalSocketAddress());
    private final Map<String, List<Record>> records = new ConcurrentHashMap<>();
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final Set<String> proven = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<String> questions = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::serve, "dns-server");
    private final Thread tcpThread = new Thread(this::serveTcp, "dns-server-tcp");
    private volatile int negativeSeconds;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    DnsServer() throws IOException {
        thread.start();
        tcpThread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** A record as in a zone file: {@code mx("example.org", "MX", "10 mx.example.org.")}. */
    DnsServer record(String name, String type, String data) {
        return record(name, 60, type, data);
    }

    /** The same, to be kept for so many seconds. */
    DnsServer record(String name, int ttl, String type, String data) {
        try {
            Name owner = Name.fromString(name, Name.root);
            return record(Record.fromString(owner, Type.value(type), DClass.IN, ttl, data, Name.root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** That record. */
    DnsServer record(Record record) {
        records.computeIfAbsent(key(record.getName()), k -> new CopyOnWriteArrayList<>())
                .add(record);
        return this;
    }

    /** Says to who wants to know that what it says of those names is proven. */
    DnsServer proven(String... names) {
        for (String name : names) {
            proven.add(name.toLowerCase(Locale.ROOT) + ".");
        }
        return this;
    }

    /** Has no records of that name any more. */
    DnsServer without(String name) {
        records.remove(name.toLowerCase(Locale.ROOT) + ".");
        return this;
    }

    /** Says from now on how long it is to be kept that there is no such name or record. */
    DnsServer negative(int seconds) {
        negativeSeconds = seconds;
        return this;
    }

    /** Answers with that code whatever is asked of the name. */
    DnsServer fail(String name, int rcode) {
        failures.put(name.toLowerCase(Locale.ROOT) + ".", rcode);
        return this;
    }

    /** Answers nothing before the latch is at zero. */
    void hold(CountDownLatch latch) {
        gate = latch;
    }

    /** What was asked, as {@code name. TYPE}. */
    List<String> questions() {
        return List.copyOf(questions);
    }

    private void serve() {
        byte[] buffer = new byte[4096];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()), MAX_UDP);
                socket.send(new DatagramPacket(answer, answer.length, packet.getAddress(), packet.getPort()));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket client = tcp.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), MAX_TCP);
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
            } catch (IOException e) {
                if (!tcp.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private byte[] answer(byte[] octets, int maxOctets) throws IOException, InterruptedException {
        Message query = new Message(octets);
        questions.add(query.getQuestion().getName() + " "
                + Type.string(query.getQuestion().getType()));
        gate.await();
        return answer(query).toWire(maxOctets);
    }

    private Message answer(Message query) {
        Record question = query.getQuestion();
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(question, Section.QUESTION);
        String key = key(question.getName());
        Integer failure = failures.get(key);
        List<Record> all = records.get(key);
        if (query.getHeader().getFlag(Flags.AD) && proven.contains(key)) {
            answer.getHeader().setFlag(Flags.AD);
        }
        if (failure != null) {
            answer.getHeader().setRcode(failure);
        } else if (all == null) {
            answer.getHeader().setRcode(Rcode.NXDOMAIN);
        } else {
            for (Record each : all) {
                if (each.getType() == question.getType() || each.getType() == Type.CNAME) {
                    answer.addRecord(each, Section.ANSWER);
                }
            }
        }
        if (negativeSeconds > 0 && answer.getSection(Section.ANSWER).isEmpty()) {
            Name zone = new Name(question.getName(), question.getName().labels() - 2);
            answer.addRecord(
                    new SOARecord(zone, DClass.IN, negativeSeconds, zone, zone, 1, 3600, 600, 86_400, negativeSeconds),
                    Section.AUTHORITY);
        }
        return answer;
    }

    private static String key(Name name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        try {
            tcp.close();
            socket.close();
            thread.interrupt();
            tcpThread.interrupt();
            thread.join();
            tcpThread.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A DNS server on a free port of loopback with a few records, which it calls proven; by UDP alone. */
final class Zone implements AutoCloseable {
    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final List<Record> records = new ArrayList<>();
    private final Set<Name> failing = new HashSet<>();

    /** Records as in a zone file: {@code example.org MX 10 mx.example.org.}; or {@code example.org SERVFAIL}. */
    Zone(String... lines) throws IOException {
        for (String line : lines) {
            String[] parts = line.split(" ", 3);
            Name owner = Name.fromString(parts[0], Name.root);
            if (parts[1].equals("SERVFAIL")) {
                failing.add(owner);
                continue;
            }
            records.add(Record.fromString(owner, Type.value(parts[1]), DClass.IN, 60, parts[2], Name.root));
        }
        Thread thread = new Thread(this::serve, "zone");
        thread.setDaemon(true);
        thread.start();
    }

    /** As {@code --dns} has it. */
    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
        byte[] octets = new byte[1500];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(octets, octets.length);
                socket.receive(packet);
                byte[] answer = answer(new Message(java.util.Arrays.copyOf(octets, packet.getLength())));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    private byte[] answer(Message query) {
        Record question = query.getQuestion();
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.AD);
        answer.addRecord(question, Section.QUESTION);
        boolean exists = false;
        for (Record each : records) {
            exists |= each.getName().equals(question.getName());
            if (each.getName().equals(question.getName()) && each.getType() == question.getType()) {
                answer.addRecord(each, Section.ANSWER);
            }
        }
        boolean isFailing = failing.contains(question.getName());
        answer.getHeader().setRcode(isFailing ? Rcode.SERVFAIL : exists ? Rcode.NOERROR : Rcode.NXDOMAIN);
        return answer.toWire();
    }

    @Override
    public void close() {
        socket.close();
    }
}

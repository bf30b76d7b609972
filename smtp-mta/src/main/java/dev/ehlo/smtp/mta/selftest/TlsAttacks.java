package dev.ehlo.smtp.mta.selftest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ehlo.smtp.mta.tls.AnyServer;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A7: TLS itself, spoken in ways that no honest client would. */
final class TlsAttacks {
    /** The beginning of a ClientHello. */
    static final String HELLO_BEGUN = "\26\3\1\2\0\1\0\1\374\3\3";

    private static final byte HANDSHAKE = 22;
    private static final int RECORD_HEADER = 5;
    /** More than the socket buffers of both sides hold. */
    private static final int FLOOD_OCTETS = 32 << 20;

    private static final int KEY_UPDATES = 1_000_000;

    /** Beyond what a handshake may take, which is half a minute, as it passes where time is shorter by a factor. */
    private static final long HANDSHAKE_SECONDS = 90;

    private TlsAttacks() {}

    static List<Attack> all() {
        return List.of(
                Attack.of(
                        "A7",
                        "a ClientHello that claims 16 MiB",
                        Where.UNDER_TLS,
                        "the connection ends long before the claim is filled",
                        TlsAttacks::hugeHello),
                Attack.of(
                        "A7",
                        "handshake in segments of one octet, ClientHello in records of one octet",
                        Where.UNDER_TLS,
                        "served, or ended",
                        TlsAttacks::tinyRecords),
                Attack.of(
                                "A7",
                                "a handshake that never ends",
                                Where.UNDER_TLS,
                                "ended within 90 s, however little or much of it has come",
                                TlsAttacks::endless)
                        .at(Attack.Pace.HURRIED),
                Attack.of(
                        "A7",
                        "renegotiation, TLSv1.2",
                        Where.UNDER_TLS,
                        "refused: no second handshake comes to an end",
                        TlsAttacks::renegotiate),
                Attack.of(
                        "A7",
                        "a flood of key updates, TLSv1.3",
                        Where.UNDER_TLS,
                        "ended before a million of them",
                        TlsAttacks::updateKeys),
                ticket("TLSv1.2"),
                ticket("TLSv1.3"));
    }

    /** Up to where the handshake begins. */
    static Wire beforeHandshake(Target target) throws IOException {
        Wire wire = target.connect();
        if (target.entrance.tls() == Entrance.Tls.STARTTLS) {
            wire.expect("220 ").send("STARTTLS\r\n").expect("220 ");
        }
        return wire;
    }

    private static void hugeHello(Target target) throws IOException {
        byte[] record = new byte[RECORD_HEADER + 1000];
        byte[] head = {HANDSHAKE, 3, 1, 3, (byte) 0xe8, 1, -1, -1, -1};
        System.arraycopy(head, 0, record, 0, head.length);
        String octets = new String(record, ISO_8859_1);
        try (Wire wire = beforeHandshake(target)) {
            boolean ended = false;
            try {
                for (int sent = 0; sent < FLOOD_OCTETS; sent += record.length) {
                    wire.sendBelow(octets);
                }
            } catch (SocketException e) {
                ended = true;
            }
            Target.holds(ended, FLOOD_OCTETS + " octets of a ClientHello were read");
        }
    }

    private static void tinyRecords(Target target) throws IOException {
        for (boolean records : new boolean[] {false, true}) {
            try (Wire wire = beforeHandshake(target)) {
                wire.cut(written -> records ? recordsOfOneOctet(written) : octetByOctet(written));
                try {
                    wire.turnToTls();
                } catch (SSLException | SocketException e) {
                    continue; // refused, which is safe too
                }
                wire.cut(List::of);
                if (target.entrance.tls() == Entrance.Tls.IMPLICIT) {
                    wire.expect("220 ");
                }
                wire.send("EHLO x.example\r\n").expect("250");
            }
        }
    }

    static List<byte[]> octetByOctet(byte[] written) {
        List<byte[]> octets = new ArrayList<>();
        for (byte octet : written) {
            octets.add(new byte[] {octet});
        }
        return octets;
    }

    /** Of a ClientHello; what comes later is ciphered, and goes as it is. */
    private static List<byte[]> recordsOfOneOctet(byte[] written) {
        if (written[0] != HANDSHAKE || written[RECORD_HEADER] != 1) {
            return List.of(written);
        }
        List<byte[]> records = new ArrayList<>();
        for (int i = RECORD_HEADER; i < written.length; i++) {
            records.add(new byte[] {HANDSHAKE, written[1], written[2], 0, 1, written[i]});
        }
        return records;
    }

    private static void endless(Target target) throws IOException {
        for (String begun : List.of("", "\26", HELLO_BEGUN)) {
            try (Wire wire = beforeHandshake(target)) {
                wire.sendBelow(begun);
                wire.patience((int) TimeUnit.SECONDS.toMillis(HANDSHAKE_SECONDS / target.site.factor() + 10));
                String said = wire.rawUntilEnd();
                Target.holds(!said.startsWith("2"), Shown.text(said));
            }
        }
    }

    private static void renegotiate(Target target) throws IOException {
        try (Wire wire = target.open(target.connect(), "TLSv1.2")) {
            wire.send("EHLO x.example\r\n").expect("250");
            SSLSession first = wire.tls().getSession();
            first.invalidate(); // or it would be resumed, and the second be taken for the first
            String reply;
            try {
                wire.tls().startHandshake();
                wire.send("HELP\r\n").reply(); // which may be answered in the midst of the handshake
                reply = wire.send("HELP\r\n").reply();
            } catch (SSLException | SocketException e) {
                return; // refused
            }
            @SuppressWarnings("ReferenceEquality") // another one may equal it
            boolean same = wire.tls().getSession() == first;
            Target.holds(reply.isEmpty() || same, "renegotiated, and answered " + Shown.text(reply));
        }
    }

    private static void updateKeys(Target target) throws IOException {
        try (Wire wire = target.open(target.connect(), "TLSv1.3")) {
            boolean ended = false;
            // Each asks for one back, which nobody reads.
            try {
                for (int i = 0; i < KEY_UPDATES; i++) {
                    wire.tls().startHandshake();
                }
            } catch (IOException e) {
                ended = true;
            }
            Target.holds(ended, KEY_UPDATES + " key updates were taken");
        }
    }

    private static Attack ticket(String version) {
        return Attack.of(
                "A7",
                "a session ticket of another service, " + version,
                Where.UNDER_TLS,
                "a full handshake, where the ticket of the same service resumes or nothing does",
                target -> {
                    for (Entrance other : Entrance.ALL) {
                        boolean is = other.isUnderTls()
                                && !other.profile().equals(target.entrance.profile())
                                && target.site.addresses().containsKey(other.profile());
                        if (is) {
                            replay(target, target.by(other), version);
                        }
                    }
                });
    }

    private static void replay(Target issuer, Target other, String version) throws IOException {
        SSLContext context = AnyServer.context();
        long issued = session(issuer, context, version).getCreationTime();
        try {
            // Times are in milliseconds: another session is to have another one.
            TimeUnit.MILLISECONDS.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        SSLSession replayed = session(other, context, version);
        Target.holds(
                replayed.getCreationTime() > issued,
                "a session of " + issuer.entrance.profile() + " was resumed on " + other.entrance.profile());
    }

    /** As one host to the client, so that it sends what it has. */
    private static SSLSession session(Target target, SSLContext context, String version) throws IOException {
        try (Wire wire = beforeHandshake(target)) {
            wire.below().claimPort(1);
            SSLSocket tls = AnyServer.over(context, wire.below(), "localhost");
            tls.setEnabledProtocols(new String[] {version});
            tls.startHandshake();
            SSLSession session = tls.getSession();
            // The ticket of TLSv1.3 comes with the first reply.
            tls.getOutputStream().write("EHLO x.example\r\n".getBytes(ISO_8859_1));
            byte[] reply = new byte[4096];
            try {
                Target.holds(tls.getInputStream().read(reply) > 0, "closed behind the handshake");
            } catch (SocketTimeoutException e) {
                throw new Broken("no answer behind the handshake");
            }
            return session;
        }
    }
}

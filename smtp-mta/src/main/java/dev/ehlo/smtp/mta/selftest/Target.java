package dev.ehlo.smtp.mta.selftest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** One server by one entrance, attacked from networks of loopback that are the attack's own. Used by one thread. */
public final class Target {
    private static final int LOOPBACK = 127;
    private static final int HOSTS = 254;
    private static final int TRIES = 3;
    /** Of somebody who asks one by one: in a tenth of the time that as many cost who is slowed down to ten a second. */
    private static final int POLITE_COMMANDS = 5;

    private static final long PROMPT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    final Site site;
    final Entrance entrance;
    private final IntSupplier networks;
    /** Of this attack, whoever of it made them. */
    private final Set<Wire> wires;

    private int network;
    private int host;
    private volatile boolean givenUp;

    /** @param networks gives the number of a network of 24 bits in 127.0.0.0/8, each time another one */
    Target(Site site, Entrance entrance, IntSupplier networks) {
        this(site, entrance, networks, ConcurrentHashMap.newKeySet());
    }

    private Target(Site site, Entrance entrance, IntSupplier networks, Set<Wire> wires) {
        this.site = site;
        this.entrance = entrance;
        this.networks = networks;
        this.network = networks.getAsInt();
        this.wires = wires;
    }

    /** As somebody else sees it, who comes from another network. */
    Target fromElsewhere() {
        return by(entrance);
    }

    /** By another entrance, from another network. */
    Target by(Entrance other) {
        return new Target(site, other, networks, wires);
    }

    /** From any thread: ends each connection there is, and what waits for it. */
    void giveUp() {
        givenUp = true;
        wires.forEach(Wire::close);
    }

    boolean isGivenUp() {
        return givenUp;
    }

    /** From now on comes from another network, where nothing was noted yet. */
    void moveAway() {
        network = networks.getAsInt();
        host = 0;
    }

    InetAddress client() {
        return address(Math.max(1, host));
    }

    private InetAddress address(int hostNumber) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {LOOPBACK, (byte) (network >> Byte.SIZE), (byte) network, (byte) hostNumber});
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four octets are no address", e);
        }
    }

    // Ways in

    /** Connected, from another address of the network each time; the server has still to greet. */
    Wire connect() throws IOException {
        return connect(0);
    }

    /** As {@link #connect}, from the same address each time. */
    Wire connectAgain() throws IOException {
        host = 0;
        return connect();
    }

    Wire connectNarrow() throws IOException {
        return connect(Wire.NARROW_OCTETS);
    }

    private Wire connect(int receiveOctets) throws IOException {
        host = host % HOSTS + 1;
        Wire wire = new Wire(
                Objects.requireNonNull(site.addresses().get(entrance.profile())), address(host), receiveOctets);
        wires.add(wire);
        return wire;
    }

    /** Greeted, and under TLS as the entrance has it. */
    Wire open() throws IOException {
        for (int tries = 1; ; tries++) {
            Wire connected = connect();
            try {
                return open(connected);
            } catch (IOException | Broken e) {
                connected.close();
                // An honest handshake is hurried too, and the machine may be busy.
                if (site.factor() == 1 || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    Wire open(Wire connected) throws IOException {
        return open(connected, "");
    }

    Wire open(Wire connected, String version, String... protocols) throws IOException {
        if (entrance.tls() == Entrance.Tls.IMPLICIT) {
            return connected.turnToTls(version, protocols).expect("220 ");
        }
        connected.expect("220 ");
        return entrance.tls() == Entrance.Tls.NONE
                ? connected
                : connected.send("STARTTLS\r\n").expect("220 ").turnToTls(version, protocols);
    }

    /** Greeted by name, and logged in where that is needed: MAIL may follow. */
    Wire ready() throws IOException {
        return ready(open());
    }

    Wire ready(Wire opened) throws IOException {
        opened.send("EHLO attacker.example\r\n").expect("250");
        return entrance.isForUsers() ? opened.send(login()).expect("235 ") : opened;
    }

    // What is said

    String login() {
        return plain("\0" + site.login() + "\0" + site.password());
    }

    static String plain(String message) {
        return "AUTH PLAIN " + base64(message) + "\r\n";
    }

    static String base64(String octets) {
        return Base64.getEncoder().encodeToString(octets.getBytes(ISO_8859_1));
    }

    String sender() {
        return entrance.isForUsers() ? site.login() + "@" + site.domain() : "stranger@remote.example";
    }

    String recipient() {
        return site.friend() + "@" + site.domain();
    }

    String mail() {
        return "MAIL FROM:<" + sender() + ">\r\n";
    }

    String rcpt() {
        return "RCPT TO:<" + recipient() + ">\r\n";
    }

    /** A header with its end. */
    String header() {
        return "From: " + sender() + "\r\nSubject: selftest\r\n\r\n";
    }

    /** A transaction with one recipient. */
    Wire envelope(Wire ready) throws IOException {
        return ready.send(mail() + rcpt()).expect("250 ").expect("250 ");
    }

    /** Within content. */
    Wire content(Wire ready) throws IOException {
        return envelope(ready).send("DATA\r\n").expect("354 ");
    }

    String chunk(String content) {
        return "BDAT " + content.length() + " LAST\r\n" + content;
    }

    // What was seen

    /** What was taken from the network that is attacked from. */
    List<Watch.Message> taken() {
        return site.watch().taken(client());
    }

    List<String> asked() {
        return site.watch().asked(client());
    }

    void forget() {
        site.watch().forget(client());
    }

    void expectNothingTaken() {
        List<Watch.Message> taken = taken();
        if (!taken.isEmpty()) {
            throw new Broken(taken.size() + " taken, the last from " + Shown.text(last().reversePath()) + " to "
                    + Shown.text(last().recipients().toString()));
        }
    }

    Watch.Message last() {
        List<Watch.Message> taken = taken();
        if (taken.isEmpty()) {
            throw new Broken("no message behind the server, though it said so");
        }
        return taken.get(taken.size() - 1);
    }

    /** One message, of that envelope. */
    Watch.Message expectOne() {
        List<Watch.Message> taken = taken();
        if (taken.size() != 1) {
            throw new Broken(taken.size() + " messages behind the server instead of one");
        }
        Watch.Message only = taken.get(0);
        if (!only.reversePath().equals(sender()) || !only.recipients().equals(List.of(recipient()))) {
            throw new Broken("behind the server from " + Shown.text(only.reversePath()) + " to "
                    + Shown.text("" + only.recipients()));
        }
        return only;
    }

    static void holds(boolean condition, String otherwise) {
        if (!condition) {
            throw new Broken(otherwise);
        }
    }

    /** Whatever was done to it, the server takes a message from somebody else. */
    void expectServesOthers() throws IOException {
        Target other = fromElsewhere();
        if (!entrance.takesMail()) {
            try (Wire wire = other.open()) {
                wire.send("STARTTLS\r\n").expect("220 ").turnToTls();
                wire.send("EHLO other.example\r\n").expect("250");
            }
            return;
        }
        try (Wire wire = other.ready()) {
            other.content(wire).send(other.header() + ".\r\n").expect("250 ");
            other.expectOne();
            wire.send("QUIT\r\n").expect("221 ");
        }
    }

    /** Whether it answers somebody else at once, so that who waits is made to, and the machine is not just busy. */
    boolean isPromptToOthers() {
        try (Wire wire = fromElsewhere().open()) {
            long start = System.nanoTime();
            for (int i = 0; i < POLITE_COMMANDS; i++) {
                wire.send("NOOP\r\n").expect("250 ");
            }
            return System.nanoTime() - start < PROMPT_NANOS;
        } catch (IOException | Broken e) {
            return false;
        }
    }
}

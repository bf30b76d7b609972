package dev.ehlo.smtp.client.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Zones below {@code test.}, some of them signed, served by NSD, and Unbound that validates them from the keys of
 * {@code test.} on.
 */
final class SignedZones implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    /** A port of the loopback address that refuses. */
    private static final int NOBODY = 9;

    private final Path directory;
    private final Daemon nsd;
    private final Daemon unbound;

    /** How a zone is signed. */
    enum Signed {
        NOT,
        WELL,
        /** With signatures that are not valid any more. */
        LONG_AGO,
        /** Not, and nobody serves it. */
        NOWHERE
    }

    /** Zones, each with its text, and delegated by {@code test.}. */
    static final class Builder {
        private final Map<String, String> texts = new LinkedHashMap<>();
        private final Map<String, Signed> how = new LinkedHashMap<>();
        private String usual = "";

        Builder zone(String name, Signed signed, String records) {
            texts.put(name, records);
            how.put(name, signed);
            return this;
        }

        /** Has the resolver listen at the usual port of that address too, for those who can't be told another. */
        Builder usualPortAt(String address) {
            usual = "  interface: " + address + "@53\n";
            return this;
        }

        SignedZones start(Path directory, String records) throws IOException, InterruptedException {
            return new SignedZones(directory, this, records);
        }
    }

    private SignedZones(Path directory, Builder builder, String records) throws IOException, InterruptedException {
        this.directory = directory;
        String server = Peers.installed("/usr/sbin/nsd");
        String resolver = Peers.installed("/usr/sbin/unbound");
        Peers.installed("/usr/bin/ldns-signzone");
        StringBuilder top = new StringBuilder(records);
        List<String> names = new ArrayList<>(List.of("test"));
        for (Map.Entry<String, String> each : builder.texts.entrySet()) {
            String name = each.getKey();
            Signed how = builder.how.getOrDefault(name, Signed.NOT);
            names.add(name);
            top.append(name).append(". NS ns.test.\n");
            if (how != Signed.NOWHERE) {
                top.append(write(name, each.getValue(), how));
            }
        }
        Files.writeString(directory.resolve("anchors"), write("test", top.toString(), Signed.WELL));
        int port = Peers.freePort();
        Path served = NsdServer.configure(
                directory,
                port,
                names.stream()
                        .filter(n -> Files.exists(directory.resolve(n + ".zone")))
                        .toList());
        nsd = new Daemon(List.of(server, "-d", "-c", served.toString()), directory.resolve("nsd.log"), port);
        try {
            int own = Peers.freePort();
            Path asked = configure(directory, own, port, names, builder.usual);
            unbound = new Daemon(
                    List.of(resolver, "-d", "-p", "-c", asked.toString()), directory.resolve("unbound.log"), own);
        } catch (IOException | RuntimeException e) {
            nsd.close();
            throw e;
        }
    }

    InetSocketAddress resolver() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), unbound.port());
    }

    /** The keys of {@code test.}. */
    Path anchors() {
        return directory.resolve("anchors");
    }

    private static Path configure(Path directory, int port, int server, List<String> zones, String usual)
            throws IOException {
        StringBuilder text = new StringBuilder("""
                server:
                  interface: 127.0.0.1
                %3$s  port: %1$d
                  do-daemonize: no
                  do-ip6: no
                  username: ""
                  chroot: ""
                  directory: "%2$s"
                  use-syslog: no
                  do-not-query-localhost: no
                  qname-minimisation: no
                  val-log-level: 2
                  local-zone: "test." nodefault
                  module-config: "validator iterator"
                  trust-anchor-file: "%2$s/anchors"
                remote-control:
                  control-enable: no
                """.formatted(port, directory, usual));
        for (String zone : zones) {
            int at = Files.exists(directory.resolve(zone + ".zone")) ? server : NOBODY;
            text.append("stub-zone:\n  name: \"%s.\"\n  stub-addr: 127.0.0.1@%d\n".formatted(zone, at));
        }
        return Files.writeString(directory.resolve("unbound.conf"), text);
    }

    /** Writes the zone as NSD serves it, and gives the record that its parent has of its key. */
    private String write(String name, String records, Signed how) throws IOException, InterruptedException {
        Path file = directory.resolve(name);
        Files.writeString(
                file,
                "$ORIGIN " + name + ".\n$TTL 60\n@ SOA ns.test. root.test. 1 3600 600 86400 30\n@ NS ns.test.\n"
                        + records,
                StandardCharsets.US_ASCII);
        Path signed = directory.resolve(name + ".zone");
        if (how == Signed.NOT) {
            Files.copy(file, signed);
            return "";
        }
        String key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", name)
                .strip();
        List<String> sign = new ArrayList<>(List.of("ldns-signzone", "-f", signed.toString()));
        if (how == Signed.LONG_AGO) {
            sign.addAll(List.of("-i", "20200101", "-e", "20200201"));
        }
        sign.addAll(List.of(name, key));
        run(sign.toArray(String[]::new));
        // Which is how ldns-signzone writes a record of three octets, and NSD does not read one.
        Files.writeString(signed, Files.readString(signed).replaceAll("TLSA\\t3 1 1\\s*\\n", "TLSA \\\\# 3 030101\n"));
        return Files.readString(directory.resolve(key + ".ds"), StandardCharsets.US_ASCII);
    }

    private String run(String... command) throws IOException, InterruptedException {
        Path said = Files.createTempFile(directory, command[0], ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        String text = Files.readString(said, StandardCharsets.ISO_8859_1);
        if (!ended || process.exitValue() != 0) {
            process.destroy();
            throw new IOException(String.join(" ", command) + ": " + text);
        }
        return text;
    }

    @Override
    public void close() {
        unbound.close();
        nsd.close();
    }
}

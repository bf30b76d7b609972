package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.grammar.Octets;

/** How places and what peers say are written in findings: printable, and not too long. */
final class Where {
    private static final int MOST = 160;

    private Where() {}

    /** Host and port, and the address where the host has several. */
    static String of(HostFacts host, PortFacts port) {
        String place = of(host.name(), port.port());
        return host.addresses().size() > 1 ? place + " [" + port.address().getHostAddress() + ']' : place;
    }

    /** Host and port. */
    static String of(String host, int port) {
        return (host.indexOf(':') < 0 ? text(host) : '[' + text(host) + ']') + ':' + port;
    }

    /** What a peer says. */
    static String text(String said) {
        boolean isLong = said.codePointCount(0, said.length()) > MOST;
        String cut = isLong ? said.substring(0, said.offsetByCodePoints(0, MOST)) : said;
        return Octets.printable(cut) + (isLong ? "..." : "");
    }
}

package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.InetAddress;

/**
 * A port of a host at one of its addresses.
 *
 * @param host by which name it is judged
 * @param tlsa by which certificate the port is known
 */
record Door(String host, InetAddress address, Role role, int port, TlsaAnswer tlsa) {
    /** The name that it is asked for by SNI. RFC 7672 §8.1. */
    String serverName() {
        return tlsa instanceof TlsaAnswer.Records records ? records.host() : host;
    }

    PortFacts unspoken(Reach reach, String said) {
        return PortFacts.unspoken(address, role, port, reach, said);
    }
}

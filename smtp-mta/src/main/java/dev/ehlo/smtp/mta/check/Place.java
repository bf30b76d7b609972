package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Where a host is, and by which certificate it is known.
 *
 * @param addresses those that are looked at
 * @param more how many there are beside them
 * @param isKnown whether DNS could say all of them
 * @param tlsa the TLSA records of its port 25, as far as DNSSEC proves them
 */
public record Place(List<InetAddress> addresses, int more, boolean isKnown, TlsaAnswer tlsa) {
    /** Addresses of a host that are looked at; of each kind two, if there are as many. */
    static final int MAX_ADDRESSES = 4;

    private static final Comparator<InetAddress> BY_OCTETS =
            Comparator.comparing(InetAddress::getAddress, Arrays::compare);

    /** Copies the list. */
    public Place {
        addresses = List.copyOf(addresses);
    }

    /** With some of those addresses, the same ones in whatever order DNS tells them. */
    static Place of(List<InetAddress> all, boolean isKnown, TlsaAnswer tlsa) {
        List<InetAddress> four = ofKind(all, true);
        List<InetAddress> six = ofKind(all, false);
        int fours = Math.min(four.size(), Math.max(MAX_ADDRESSES / 2, MAX_ADDRESSES - six.size()));
        int sixes = Math.min(six.size(), MAX_ADDRESSES - fours);
        List<InetAddress> some = new ArrayList<>(four.subList(0, fours));
        some.addAll(six.subList(0, sixes));
        return new Place(some, four.size() + six.size() - some.size(), isKnown, tlsa);
    }

    private static List<InetAddress> ofKind(List<InetAddress> all, boolean isV4) {
        return all.stream()
                .filter(each -> each instanceof Inet4Address == isV4)
                .distinct()
                .sorted(BY_OCTETS)
                .toList();
    }

    /** Known by its address alone, or not by DNS. */
    static Place unproven(List<InetAddress> all) {
        return of(all, true, new TlsaAnswer.None());
    }

    /** Without its TLSA records, where those of port 25 say nothing. */
    Place withoutTlsa() {
        return new Place(addresses, more, isKnown, new TlsaAnswer.None());
    }
}

package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.codec.ProxyHeader.Command;
import dev.ehlo.smtp.codec.ProxyHeader.Family;
import dev.ehlo.smtp.codec.ProxyHeader.Transport;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the parser makes of octets that come in pieces, with everything that the view tells. */
final class ProxyEvents {
    /** A result; what is not there is empty or 0. */
    record Seen(
            ParseResult result,
            @Nullable ProxyError error,
            int version,
            Command command,
            Family family,
            Transport transport,
            String source,
            String destination,
            List<ProxyTlv> tlvs,
            int sslClient,
            int sslVerify,
            List<ProxyTlv> sslTlvs,
            int consumed) {

        static Seen nothing(ParseResult result, @Nullable ProxyError error) {
            return new Seen(
                    result,
                    error,
                    0,
                    Command.LOCAL,
                    Family.UNSPEC,
                    Transport.UNSPEC,
                    "",
                    "",
                    List.of(),
                    -1,
                    0,
                    List.of(),
                    0);
        }
    }

    private ProxyEvents() {}

    static Seen of(List<byte[]> pieces, boolean direct) {
        ProxyHeaderParser parser = new ProxyHeaderParser();
        ProxyHeader header = new ProxyHeader();
        Seen[] seen = {Seen.nothing(ParseResult.INCOMPLETE, null)};
        Wire.receive(pieces, direct, in -> {
            if (seen[0].result() == ParseResult.INCOMPLETE) {
                int position = in.position();
                int limit = in.limit();
                ParseResult result = parser.parse(in, header);
                assertThat(in.limit()).isEqualTo(limit);
                if (result == ParseResult.COMPLETE) {
                    seen[0] = complete(header, in.position() - position);
                } else {
                    assertThat(in.position()).isEqualTo(position);
                    seen[0] = Seen.nothing(result, header.error());
                }
            }
        });
        return seen[0];
    }

    static Seen of(byte[] octets) {
        return of(List.of(octets), false);
    }

    private static Seen complete(ProxyHeader header, int consumed) {
        boolean paths = header.family() == Family.UNIX;
        return new Seen(
                ParseResult.COMPLETE,
                header.error(),
                header.version(),
                header.command(),
                header.family(),
                header.transport(),
                paths
                        ? hex(header.copySourcePath())
                        : address(header.family(), header.sourceHigh(), header.sourceLow(), header.sourcePort()),
                paths
                        ? hex(header.copyDestinationPath())
                        : address(
                                header.family(),
                                header.destinationHigh(),
                                header.destinationLow(),
                                header.destinationPort()),
                header.tlvs().toList(),
                header.sslClient(),
                header.sslVerify(),
                header.sslTlvs().toList(),
                consumed);
    }

    private static String address(Family family, long high, long low, int port) {
        String digits = HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
        return switch (family) {
            case INET -> digits.substring(24) + '/' + port;
            case INET6 -> digits + '/' + port;
            default -> "";
        };
    }

    private static String hex(byte[] octets) {
        return HexFormat.of().formatHex(octets);
    }
}

package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.codec.ProxyEvents.Seen;
import dev.ehlo.smtp.codec.ProxyHeader.Command;
import dev.ehlo.smtp.codec.ProxyHeader.Family;
import dev.ehlo.smtp.codec.ProxyHeader.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The parser of PROXY headers again, slow and plain, over the whole input at once. */
final class ReferenceProxyParser {
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final Pattern FIELDS =
            Pattern.compile("UNKNOWN(?: .*)?|TCP([46]) ([^ ]*) ([^ ]*) ([^ ]*) ([^ ]*)", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");
    private static final Set<Integer> ONCE = Set.of(1, 2, 3, 5, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x30);
    private static final Set<Integer> TEXTS = Set.of(2, 0x21, 0x22, 0x23, 0x24, 0x25, 0x30);

    private ReferenceProxyParser() {}

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final ProxyError error;

        Refused(ProxyError error) {
            super(error.name(), null, false, false);
            this.error = error;
        }
    }

    static Seen parse(byte[] octets) {
        String text = Wire.latin1(octets);
        try {
            if (text.startsWith("PROXY ")) {
                return line(text);
            }
            if (text.startsWith(SIGNATURE)) {
                return binary(octets);
            }
        } catch (Refused refused) {
            return Seen.nothing(ParseResult.MALFORMED, refused.error);
        }
        return "PROXY ".startsWith(text) || SIGNATURE.startsWith(text)
                ? Seen.nothing(ParseResult.INCOMPLETE, null)
                : Seen.nothing(ParseResult.MALFORMED, ProxyError.NO_SIGNATURE);
    }

    private static Seen line(String text) throws Refused {
        String room = text.substring(0, Math.min(text.length(), 107));
        Matcher end = Pattern.compile("\r\n|\r(?!\\z)|\n").matcher(room);
        if (!end.find()) {
            return Seen.nothing(room.length() == 107 ? ParseResult.OVERLONG : ParseResult.INCOMPLETE, null);
        }
        if (end.group().length() < 2) {
            throw new Refused(ProxyError.BARE_NEWLINE);
        }
        Matcher fields = FIELDS.matcher(room.substring(6, end.start()));
        if (!fields.matches()) {
            throw new Refused(ProxyError.BAD_FIELD);
        }
        Family family =
                fields.group(1) == null ? Family.UNSPEC : fields.group(1).equals("4") ? Family.INET : Family.INET6;
        return new Seen(
                ParseResult.COMPLETE,
                null,
                1,
                Command.PROXY,
                family,
                family == Family.UNSPEC ? Transport.UNSPEC : Transport.STREAM,
                endpoint(family, fields.group(2), fields.group(4)),
                endpoint(family, fields.group(3), fields.group(5)),
                List.of(),
                -1,
                0,
                List.of(),
                end.end());
    }

    private static String endpoint(Family family, String address, String port) throws Refused {
        return switch (family) {
            case INET -> ipv4(address) + '/' + number(port, 0xffff);
            case INET6 -> ipv6(address) + '/' + number(port, 0xffff);
            default -> "";
        };
    }

    private static int number(String text, int max) throws Refused {
        if (!NUMBER.matcher(text).matches() || Integer.parseInt(text) > max) {
            throw new Refused(ProxyError.BAD_FIELD);
        }
        return Integer.parseInt(text);
    }

    private static String ipv4(String text) throws Refused {
        String[] numbers = text.split("\\.", -1);
        if (numbers.length != 4) {
            throw new Refused(ProxyError.BAD_FIELD);
        }
        StringBuilder hex = new StringBuilder();
        for (String number : numbers) {
            hex.append(String.format("%02x", number(number, 255)));
        }
        return hex.toString();
    }

    private static String ipv6(String text) throws Refused {
        String groups = text;
        if (text.contains(".")) {
            int tail = text.lastIndexOf(':') + 1;
            String ipv4 = ipv4(text.substring(tail));
            groups = text.substring(0, tail) + ipv4.substring(0, 4) + ':' + ipv4.substring(4);
        }
        List<String> all = new ArrayList<>();
        int gap = groups.indexOf("::");
        if (gap < 0) {
            all.addAll(List.of(groups.split(":", -1)));
        } else {
            List<String> before =
                    gap == 0 ? List.of() : List.of(groups.substring(0, gap).split(":", -1));
            String rest = groups.substring(gap + 2);
            List<String> after = rest.isEmpty() ? List.of() : List.of(rest.split(":", -1));
            all.addAll(before);
            all.addAll(Collections.nCopies(Math.max(1, 8 - before.size() - after.size()), "0"));
            all.addAll(after);
        }
        StringBuilder hex = new StringBuilder();
        for (String group : all) {
            if (!GROUP.matcher(group).matches()) {
                throw new Refused(ProxyError.BAD_FIELD);
            }
            hex.append("0".repeat(4 - group.length())).append(group.toLowerCase(java.util.Locale.ROOT));
        }
        if (all.size() != 8) {
            throw new Refused(ProxyError.BAD_FIELD);
        }
        return hex.toString();
    }

    private static Seen binary(byte[] octets) throws Refused {
        Seen incomplete = Seen.nothing(ParseResult.INCOMPLETE, null);
        if (octets.length < 13) {
            return incomplete;
        }
        if (octets[12] != 0x20 && octets[12] != 0x21) {
            throw new Refused(ProxyError.BAD_COMMAND);
        }
        boolean local = octets[12] == 0x20;
        if (octets.length < 14) {
            return incomplete;
        }
        int kind = local ? 0 : octets[13] & 0xff;
        if (kind / 16 > 3 || kind % 16 > 2) {
            throw new Refused(ProxyError.BAD_FAMILY);
        }
        if (octets.length < 16) {
            return incomplete;
        }
        int length = ByteBuffer.wrap(octets).getShort(14) & 0xffff;
        if (length > 4096) {
            return Seen.nothing(ParseResult.OVERLONG, null);
        }
        int family = kind % 16 == 0 ? 0 : kind / 16;
        int addresses = new int[] {0, 12, 36, 216}[family];
        if (length < addresses) {
            throw new Refused(ProxyError.BAD_LENGTH);
        }
        if (octets.length < 16 + length) {
            return incomplete;
        }
        byte[] header = Arrays.copyOf(octets, 16 + length);
        List<ProxyTlv> tlvs = family == 0 ? List.of() : tlvs(header, 16 + addresses, header.length);
        int client = -1;
        int verify = 0;
        List<ProxyTlv> inner = List.of();
        for (ProxyTlv tlv : tlvs) {
            if (tlv.type() == 0x20) {
                byte[] value = tlv.copyValue();
                client = value[0] & 0xff;
                verify = ByteBuffer.wrap(value).getInt(1);
                inner = tlvs(value, 5, value.length);
            }
        }
        checkSum(header, addresses, tlvs);
        return new Seen(
                ParseResult.COMPLETE,
                null,
                2,
                local ? Command.LOCAL : Command.PROXY,
                List.of(Family.values()).get(family),
                List.of(Transport.values()).get(kind % 16),
                endpoint(header, family, 0),
                endpoint(header, family, 1),
                tlvs,
                client,
                verify,
                inner,
                header.length);
    }

    private static String endpoint(byte[] header, int family, int which) {
        int octets = new int[] {0, 4, 16, 108}[family];
        byte[] address = Arrays.copyOfRange(header, 16 + which * octets, 16 + (which + 1) * octets);
        return switch (family) {
            case 0 -> "";
            case 3 -> trimmed(address);
            default ->
                HexFormat.of().formatHex(address)
                        + '/'
                        + (ByteBuffer.wrap(header).getShort(16 + 2 * octets + 2 * which) & 0xffff);
        };
    }

    private static String trimmed(byte[] path) {
        int length = path.length;
        while (length > 0 && path[length - 1] == 0) {
            length--;
        }
        return HexFormat.of().formatHex(path, 0, length);
    }

    private static List<ProxyTlv> tlvs(byte[] octets, int from, int to) throws Refused {
        List<ProxyTlv> tlvs = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(octets, from, to - from);
        while (in.hasRemaining()) {
            if (tlvs.size() == 32) {
                throw new Refused(ProxyError.TOO_MANY_TLVS);
            }
            if (in.remaining() < 3) {
                throw new Refused(ProxyError.BAD_TLV);
            }
            int type = in.get() & 0xff;
            int length = in.getShort() & 0xffff;
            if (length > in.remaining()) {
                throw new Refused(ProxyError.BAD_TLV);
            }
            byte[] value = new byte[length];
            in.get(value);
            boolean twice = ONCE.contains(type) && tlvs.stream().anyMatch(tlv -> tlv.type() == type);
            if (twice
                    || type == 3 && length != 4
                    || type == 5 && length > 128
                    || type == 0x20 && length < 5
                    || TEXTS.contains(type) && !isUtf8(value)) {
                throw new Refused(ProxyError.BAD_TLV);
            }
            tlvs.add(ProxyTlv.of(type, value));
        }
        return tlvs;
    }

    private static boolean isUtf8(byte[] octets) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static void checkSum(byte[] header, int addresses, List<ProxyTlv> tlvs) throws Refused {
        int at = 16 + addresses;
        for (ProxyTlv tlv : tlvs) {
            if (tlv.type() == 3) {
                byte[] zeroed = header.clone();
                Arrays.fill(zeroed, at + 3, at + 7, (byte) 0);
                if (crc32c(zeroed) != ByteBuffer.wrap(header).getInt(at + 3)) {
                    throw new Refused(ProxyError.BAD_CHECKSUM);
                }
            }
            at += 3 + tlv.copyValue().length;
        }
    }

    /** Bit by bit, RFC 4960 appendix B. */
    static int crc32c(byte[] octets) {
        int sum = -1;
        for (byte octet : octets) {
            sum ^= octet & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                sum = sum >>> 1 ^ (sum & 1) * 0x82f63b78;
            }
        }
        return ~sum;
    }
}

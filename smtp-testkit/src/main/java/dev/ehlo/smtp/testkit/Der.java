package dev.ehlo.smtp.testkit;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;

/** As much of DER as one certificate of one fixed form needs. RFC 5280 §4.1. */
final class Der {
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int SEQUENCE = 0x30;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int OCTET_STRING = 0x04;
    private static final byte[] TRUE = {0x01, 0x01, (byte) 0xff};
    /** ecdsa-with-SHA256. */
    private static final byte[] ALGORITHM =
            der(SEQUENCE, der(OBJECT_IDENTIFIER, octets(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)));

    private static final byte[] COMMON_NAME = der(OBJECT_IDENTIFIER, octets(0x55, 0x04, 0x03));
    private static final byte[] SUBJECT_ALTERNATIVE_NAME = der(OBJECT_IDENTIFIER, octets(0x55, 0x1d, 0x11));
    private static final byte[] BASIC_CONSTRAINTS = der(OBJECT_IDENTIFIER, octets(0x55, 0x1d, 0x13));

    private Der() {}

    /** The name of whom nothing but a common name is told. */
    static byte[] name(String common) {
        return der(SEQUENCE, der(0x31, der(SEQUENCE, COMMON_NAME, der(0x0c, common.getBytes(StandardCharsets.UTF_8)))));
    }

    /**
     * TBSCertificate: what is signed.
     *
     * @param issuer the name of who signs it
     */
    static byte[] certificateBody(List<String> names, byte[] issuer, Instant from, Instant until, byte[] publicKey) {
        byte[] alternatives = der(SEQUENCE, names.stream().map(Der::alternative).toArray(byte[][]::new));
        byte[] extensions = der(
                0xa3,
                der(
                        SEQUENCE,
                        der(SEQUENCE, SUBJECT_ALTERNATIVE_NAME, der(OCTET_STRING, alternatives)),
                        // An authority, so that a client may be told to trust it as one.
                        der(SEQUENCE, BASIC_CONSTRAINTS, TRUE, der(OCTET_STRING, der(SEQUENCE, TRUE)))));
        return der(
                SEQUENCE,
                der(0xa0, der(0x02, octets(2))),
                der(0x02, serial()),
                ALGORITHM,
                issuer,
                der(SEQUENCE, time(from), time(until)),
                name(names.get(0)),
                publicKey,
                extensions);
    }

    static byte[] certificate(byte[] body, byte[] signature) {
        return der(SEQUENCE, body, ALGORITHM, der(0x03, octets(0), signature));
    }

    /** Different at each call, positive. */
    private static byte[] serial() {
        return java.math.BigInteger.valueOf(System.nanoTime()).abs().toByteArray();
    }

    private static byte[] time(Instant time) {
        return der(0x17, UTC_TIME.format(time).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] alternative(String name) {
        if (name.indexOf(':') < 0 && !name.matches("[0-9.]+")) {
            return der(0x82, name.getBytes(StandardCharsets.US_ASCII));
        }
        try {
            return der(0x87, InetAddress.getByName(name).getAddress());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + name, e);
        }
    }

    private static byte[] der(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length >= 0x100) {
            whole.write(0x82);
            whole.write(length >> 8);
        } else if (length >= 0x80) {
            whole.write(0x81);
        }
        whole.write(length);
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }

    private static byte[] octets(int... values) {
        byte[] octets = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            octets[i] = (byte) values[i];
        }
        return octets;
    }
}

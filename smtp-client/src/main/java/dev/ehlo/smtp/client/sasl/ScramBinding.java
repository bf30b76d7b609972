package dev.ehlo.smtp.client.sasl;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the client says of channel binding: the gs2-header, and the data it promises. Immutable. RFC 5802 §6. */
public final class ScramBinding {
    /** There is none, or none that the server takes. */
    public static final ScramBinding NONE = new ScramBinding("n,,", new byte[0]);

    /** This side could, and the server did not offer it: where it did, and somebody took that away, it notices. */
    public static final ScramBinding NOT_OFFERED = new ScramBinding("y,,", new byte[0]);

    private final String header;
    private final byte[] data;

    private ScramBinding(String header, byte[] data) {
        this.header = header;
        this.data = data;
    }

    /** Bound to the channel, by data of that type. */
    public static ScramBinding to(String type, byte[] data) {
        return new ScramBinding("p=" + type + ",,", data.clone());
    }

    /** {@code n,,}, {@code y,,} or {@code p=type,,}. */
    String header() {
        return header;
    }

    boolean isBound() {
        return header.startsWith("p=");
    }

    /** What stands in {@code c=}. */
    byte[] input() {
        byte[] octets = header.getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(octets, octets.length + data.length);
        System.arraycopy(data, 0, all, octets.length, data.length);
        return all;
    }
}

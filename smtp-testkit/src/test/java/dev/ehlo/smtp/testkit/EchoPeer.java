package dev.ehlo.smtp.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A server machine that is as simple as can be: answers each line with {@code 250 ok LINE}, closes on QUIT. */
final class EchoPeer implements Peer {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean greeted;
    private boolean closed;
    private boolean tls;

    @Override
    public byte[] exchange(byte[] octets) {
        StringBuilder out = new StringBuilder(greeted ? "" : "220 echo\r\n");
        greeted = true;
        for (byte octet : octets) {
            line.write(octet);
            String text = line.toString(StandardCharsets.ISO_8859_1);
            if (!closed && text.endsWith("\r\n")) {
                line.reset();
                closed = text.equals("QUIT\r\n");
                out.append(closed ? "221" : "250")
                        .append(tls ? " tls " : " ok ")
                        .append(text);
            }
        }
        return out.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void startTls() {
        tls = true;
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.MessageSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** The header field {@code TLS-Required: No}, by which an author puts arriving before secrecy. RFC 8689 §3. */
final class TlsRequiredField {
    /** Octets of a header that are looked at; a field behind them does not count. */
    static final int MAX_HEADER = 256 * 1024;

    private static final int BLOCK_OCTETS = 8 * 1024;
    private static final Pattern FOLD = Pattern.compile("\\r?\\n(?=[ \\t])");
    private static final Pattern LINE = Pattern.compile("\\r?\\n");
    private static final Pattern NAME = Pattern.compile("tls-required[ \\t]*:", Pattern.CASE_INSENSITIVE);

    private TlsRequiredField() {}

    /** Whether the header has that field, and none that says otherwise. */
    static boolean isNo(MessageSource source) throws IOException {
        String header = header(source);
        List<String> fields = LINE.splitAsStream(FOLD.matcher(header).replaceAll(""))
                .filter(line -> NAME.matcher(line).lookingAt())
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .toList();
        return !fields.isEmpty() && fields.stream().allMatch("no"::equalsIgnoreCase);
    }

    /** What stands before the first empty line, as ISO 8859-1. */
    private static String header(MessageSource source) throws IOException {
        ByteArrayOutputStream header = new ByteArrayOutputStream(BLOCK_OCTETS);
        ByteBuffer block = ByteBuffer.allocate(BLOCK_OCTETS);
        try (ReadableByteChannel channel = source.open()) {
            int end = -1;
            while (end < 0 && header.size() < MAX_HEADER && channel.read(block) > 0) {
                header.write(block.array(), 0, block.position());
                block.clear();
                end = end(header.toString(StandardCharsets.ISO_8859_1));
            }
            String read = header.toString(StandardCharsets.ISO_8859_1);
            return end < 0 ? read : read.substring(0, end);
        }
    }

    private static int end(String text) {
        if (text.startsWith("\r\n") || text.startsWith("\n")) {
            return 0;
        }
        int crlf = text.indexOf("\n\r\n");
        int lf = text.indexOf("\n\n");
        return crlf < 0 ? lf : lf < 0 ? crlf : Math.min(crlf, lf);
    }
}

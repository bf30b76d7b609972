package dev.ehlo.smtp.jakarta;

import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import jakarta.mail.IllegalWriteException;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMultipart;
import jakarta.mail.internet.MimePart;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.IOException;
import java.io.InputStream;

/**
 * Has text beyond ASCII go as it is where the server takes such lines, and encoded where it does not. RFC 6152 §3. Signed
 * parts stay as they are.
 */
final class EightBit {
    /** Octets of a line without its CRLF. RFC 5321 §4.5.3.1.6. */
    private static final int MAX_LINE = 998;

    private static final String AS_IT_IS = "8bit";

    private EightBit() {}

    /**
     * Encodes text so, all through the message, where it is of the other kind.
     *
     * @param encoding {@code 8bit} or {@code quoted-printable}
     * @return whether anything was changed, so that the message has to be saved
     */
    static boolean encode(MimePart part, String encoding) throws MessagingException, IOException {
        if (part.isMimeType("text/*")) {
            if (!isToChange(part, encoding.equals(AS_IT_IS))) {
                return false;
            }
            return encodeText(part, encoding);
        }
        boolean changed = false;
        // Not into what is signed: its octets are not ours to choose.
        if (part.isMimeType("multipart/*")
                && !part.isMimeType("multipart/signed")
                && part.getContent() instanceof MimeMultipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                changed |= parts.getBodyPart(i) instanceof MimePart each && encode(each, encoding);
            }
        }
        return changed;
    }

    /** Its octets, and not its text, whose charset need not be known here. */
    private static boolean encodeText(MimePart part, String encoding) throws MessagingException, IOException {
        String type = part.getHeader("Content-Type", null);
        try (InputStream in = part.getInputStream()) {
            DataSource octets = new ByteArrayDataSource(in, part.getContentType());
            part.setDataHandler(new DataHandler(octets));
        } catch (IllegalWriteException e) {
            return false; // a message of a folder stays as it is
        }
        part.setHeader("Content-Type", type == null ? part.getContentType() : type);
        part.setHeader("Content-Transfer-Encoding", encoding);
        return true;
    }

    private static boolean isToChange(MimePart part, boolean toAsItIs) throws MessagingException, IOException {
        String now = part.getEncoding();
        if (!toAsItIs) {
            return AS_IT_IS.equalsIgnoreCase(now);
        }
        boolean isEncoded = "quoted-printable".equalsIgnoreCase(now) || "base64".equalsIgnoreCase(now);
        return isEncoded && isEightBitLines(part);
    }

    /** Whether it is lines that may go so, and some octet needs it. */
    private static boolean isEightBitLines(MimePart part) throws MessagingException, IOException {
        try (InputStream in = part.getInputStream()) {
            boolean isEightBit = false;
            int length = 0;
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                length = octet == '\n' ? 0 : length + 1;
                if (octet == 0 || length > MAX_LINE) {
                    return false;
                }
                isEightBit |= octet > 0x7f;
            }
            return isEightBit;
        }
    }
}

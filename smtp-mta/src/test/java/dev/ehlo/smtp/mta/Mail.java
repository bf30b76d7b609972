package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Messages for the end-to-end tests, and where they arrive. Octets are kept as ISO 8859-1 text, one for one. */
final class Mail {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Mail() {}

    /** A message with everything that a relay could spoil: dots at line starts, 8-bit octets, a long line, NUL-free. */
    static String awkward(String subject) {
        return "From: user@localhost\r\nTo: user@localhost\r\nSubject: " + subject
                + "\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + subject + "@localhost>\r\n"
                + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                + "Content-Transfer-Encoding: 8bit\r\n\r\n"
                + ".\r\n..\r\n.dot\r\n. \r\n\r\n.\t\r\nGr\u00fc\u00dfe, \u00ff\u0080\r\n" + "x".repeat(990) + "\r\n\r\n"
                + "trailing blanks  \r\n.\r\n";
    }

    /** A message of a header alone. */
    static String empty(String subject) {
        return "From: user@localhost\r\nTo: user@localhost\r\nSubject: " + subject
                + "\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <" + subject + "@localhost>\r\n\r\n";
    }

    /** A message of so many octets, or a few more. */
    static String large(String subject, int octets) {
        StringBuilder text = new StringBuilder(octets + 200)
                .append("From: user@localhost\r\nSubject: ")
                .append(subject)
                .append("\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <")
                .append(subject)
                .append("@localhost>\r\n\r\n");
        for (int line = 0; text.length() < octets; line++) {
            text.append(line % 7 == 0 ? "." : "").append("line ").append(line).append(" of a large message\r\n");
        }
        return text.toString();
    }

    /** The message as another user's. */
    static String from(String user, String message) {
        return message.replaceFirst("From: user@", "From: " + user + "@");
    }

    /** Waits until that many messages are in the user's Maildir, and gives them, oldest first. */
    static List<String> arrived(Path data, String user, int count) {
        Path incoming = data.resolve("mail").resolve(user).resolve("new");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(files(incoming)).hasSize(count));
        return files(incoming).stream().map(Mail::read).toList();
    }

    /** Waits until a message with the Message-ID of that one is in the user's Maildir, and gives it. */
    static String arrived(Path data, String user, String sent) {
        String id = sent.substring(sent.indexOf("Message-ID:"), sent.indexOf('>') + 3);
        Path incoming = data.resolve("mail").resolve(user).resolve("new");
        return await().atMost(PATIENCE)
                .until(
                        () -> files(incoming).stream()
                                .map(Mail::read)
                                .filter(message -> message.contains(id))
                                .toList(),
                        found -> !found.isEmpty())
                .get(0);
    }

    private static List<Path> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The message without the trace fields put in front of it, the first of which is told. */
    static String withoutTrace(String message, String firstTraceField) {
        assertThat(message).startsWith(firstTraceField + ":");
        int from = 0;
        while (message.startsWith("Return-Path:", from)
                || message.startsWith("Delivered-To:", from)
                || message.startsWith("Received:", from)) {
            from = message.indexOf("\r\n", from) + 2;
            while (message.charAt(from) == ' ' || message.charAt(from) == '\t') {
                from = message.indexOf("\r\n", from) + 2;
            }
        }
        return message.substring(from);
    }
}

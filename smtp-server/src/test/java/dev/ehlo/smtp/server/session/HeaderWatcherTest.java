package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.testkit.Cutter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderWatcherTest {
    private static final List<Profile> PROFILES = List.of(Profile.submission(), Profile.lmtp(), Profile.mx());

    /** What has come through, and what was kept of it. */
    private record Seen(String content, String from, String sender) {}

    @Property(tries = 600)
    void doesTheSameAsTheReferenceAtEveryCut(@ForAll("contents") String content) {
        for (Profile profile : PROFILES) {
            HeaderDuties duties = HeaderDuties.of(profile);
            Seen expected = reference(content, duties);
            Cutter.everySplit(
                    content.getBytes(StandardCharsets.ISO_8859_1),
                    parts -> assertThat(watch(parts, duties)).isEqualTo(expected));
        }
    }

    @Provide
    Arbitrary<String> contents() {
        Arbitrary<String> line = Arbitraries.of(
                "Date: x",
                "date:",
                "DATE \t: y",
                "Message-ID: <x@y>",
                "message-id",
                "Subject: x",
                "Received: y",
                "Bcc: a@b",
                "bCC \t:",
                "Bcc",
                "Resent-Bcc: c@d",
                "Bccc: x",
                "Return-Path: <a@b>",
                "return-path:",
                "From: a@b",
                "Sender: c@d",
                " folded",
                "\tfolded: no field",
                ":",
                ": x",
                "no field",
                "",
                "\r",
                "x\r",
                "D\u00e4te: x",
                "X-" + "y".repeat(100) + ": z",
                "X-" + "y".repeat(76) + ": z",
                "x" + " ".repeat(100) + ":");
        Arbitrary<String> end = Arbitraries.of("\r\n", "\r\n", "\r\n", "", "\r");
        return line.list()
                .ofMaxSize(7)
                .flatMap(lines -> end.map(e -> {
                    String content = String.join("\r\n", lines);
                    return lines.isEmpty() ? "" : content + e;
                }));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Bcc: a~Date: d~~b~|Date: d~[from][id]~~b~",
                "Date: d~Bcc: a~~b~|Date: d~[from][id]~~b~",
                "Date: d~Bcc: a~ b~\tc~ ~X: y~~b~|Date: d~X: y~[from][id]~~b~",
                "Bcc: a~BCC :b~Resent-bcc: c~ d~Return-Path: <>~~b~|[from][date][id]~~b~",
                "Date: d~Bcc: a|Date: d~[from][id]~",
                "Date: d~Bcc|Date: d~[from][id]~~Bcc",
                "Date: d|Date: d~[from][id]~",
                "X: Bcc: a~~Bcc: b~|X: Bcc: a~[from][date][id]~~Bcc: b~",
                "From: f~Date: d~Message-ID: i~Bcc: a~no field~From: g~|From: f~Date: d~Message-ID: i~~no field~From: g~",
            })
    void leavesOutWhomOthersAreNotToKnow(String content, String expected) {
        String whole = content.replace("~", "\r\n");
        Cutter.everySplit(
                whole.getBytes(StandardCharsets.ISO_8859_1),
                parts -> assertThat(watch(parts, HeaderDuties.of(Profile.submission()))
                                .content())
                        .isEqualTo(expected.replace("~", "\r\n")));
    }

    @Test
    void passesOnInOneSliceWhatCameInOne() throws IOException {
        List<Integer> slices = new ArrayList<>();
        HeaderWatcher watcher = new HeaderWatcher(
                HeaderDuties.of(Profile.lmtp()),
                SessionLimits.STANDARD,
                (f, d, i) -> "",
                sink(slice -> slices.add(slice.remaining())));
        byte[] content = "A: b\r\nFrom: c\r\n d\r\nTo: e\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);
        watcher.write(ByteBuffer.wrap(content));
        int header = content.length - "\r\nbody\r\n".length();
        assertThat(slices).containsExactly(header, content.length - header);
    }

    @Test
    void judgesTheHeaderWhereverItIsCut() {
        int limit = SessionLimits.STANDARD.maxHeaderOctets();
        String loop = "Received: x\r\n".repeat(SessionLimits.STANDARD.maxReceivedFields() + 1);
        String many = "X:\r\n".repeat(SessionLimits.STANDARD.maxHeaderFields() + 1);
        String large = "X: " + "y".repeat(limit) + "\r\n";
        for (String[] pair : new String[][] {
            {loop + large + "\r\n", "554 5.4.6"},
            {large + loop + "\r\n", "552 5.3.4"},
            {many + loop + "\r\n", "552 5.3.4"},
            {loop + many + "\r\n", "554 5.4.6"},
            {"Z: " + "y".repeat(limit - loop.length()) + "\r\n" + loop + "\r\n", "552 5.3.4"},
        }) {
            byte[] octets = pair[0].getBytes(StandardCharsets.ISO_8859_1);
            for (int cut : new int[] {1, 7, 100, 1000, 16 * 1024, limit, octets.length}) {
                assertThat(refusal(octets, cut)).startsWith(pair[1]);
            }
        }
    }

    private static String refusal(byte[] octets, int cut) {
        HeaderWatcher watcher = new HeaderWatcher(
                HeaderDuties.of(Profile.mx()), SessionLimits.STANDARD, (f, d, i) -> "", sink(slice -> {}));
        try {
            for (int from = 0; from < octets.length; from += cut) {
                EncodedReply refusal =
                        watcher.write(ByteBuffer.wrap(octets, from, Math.min(cut, octets.length - from)));
                if (refusal != null) {
                    return refusal.reply().toString();
                }
            }
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Line by line, with all of it at hand. */
    private static Seen reference(String content, HeaderDuties duties) {
        Set<String> names = new HashSet<>();
        StringBuilder kept = new StringBuilder();
        StringBuilder from = new StringBuilder();
        StringBuilder sender = new StringBuilder();
        int at = 0;
        String separator = "";
        String name = "";
        while (at < content.length()) {
            int lf = content.indexOf('\n', at);
            int end = lf < 0 ? content.length() : lf + 1;
            String line = content.substring(at, end);
            boolean folded = line.startsWith(" ") || line.startsWith("\t");
            String start = line.length() >= 80 ? line.substring(0, 80) : line;
            boolean passes = start.length() == 80 && start.matches("[!-9;-~]+[ \t]*");
            boolean field = passes || line.matches("(?s)[!-9;-~]+[ \t]*:.*");
            if (folded ? names.isEmpty() : !field) {
                separator = line.equals("\r\n") ? "" : "\r\n";
                break;
            }
            if (!folded) {
                name = (passes ? start.strip() : line.split("[ \t]*:", 2)[0]).toLowerCase(Locale.ROOT);
                names.add(name);
            }
            String last = name;
            if (duties.dropped().stream().map(HeaderField::text).noneMatch(last::equalsIgnoreCase)) {
                kept.append(line);
                from.append(duties.keepsAuthors() && name.equals("from") ? line : "");
                sender.append(duties.keepsAuthors() && name.equals("sender") ? line : "");
            }
            at = end;
        }
        if (duties.completes()) {
            String missing = missing(names.contains("from"), names.contains("date"), names.contains("message-id"));
            boolean open = kept.length() > 0 && kept.charAt(kept.length() - 1) != '\n' && !missing.isEmpty();
            kept.append(open ? "\r\n" : "").append(missing).append(separator);
        }
        return new Seen(kept + content.substring(at), from.toString(), sender.toString());
    }

    private static String missing(boolean from, boolean date, boolean id) {
        return (from ? "" : "[from]")
                + (date ? "" : "[date]")
                + (id ? "" : "[id]")
                + (from && date && id ? "" : "\r\n");
    }

    private static Seen watch(List<byte[]> parts, HeaderDuties duties) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MessageSink sink = sink(slice -> {
            assertThat(slice.hasRemaining()).isTrue();
            byte[] octets = new byte[slice.remaining()];
            slice.get(octets);
            out.writeBytes(octets);
        });
        HeaderWatcher watcher = new HeaderWatcher(duties, SessionLimits.STANDARD, HeaderWatcherTest::missing, sink);
        try {
            watcher.write(ByteBuffer.wrap("Bcc: of the message before\r\nx".getBytes(StandardCharsets.US_ASCII)));
            watcher.reset(sink, false);
            out.reset();
            for (byte[] part : parts) {
                // With strangers' octets on both sides, as in a network buffer.
                ByteBuffer buffer = ByteBuffer.allocate(part.length + 6);
                buffer.position(3).put(part).flip().position(3);
                if (buffer.hasRemaining()) {
                    assertThat(watcher.write(buffer)).isNull();
                }
            }
            watcher.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Seen(
                out.toString(StandardCharsets.ISO_8859_1),
                watcher.from().toString(),
                watcher.sender().toString());
    }

    private interface Taker {
        void take(ByteBuffer slice);
    }

    private static MessageSink sink(Taker taker) {
        return new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                taker.take(slice);
            }

            @Override
            public CompletionStage<Reply> complete() {
                throw new AssertionError();
            }

            @Override
            public void abort() {
                throw new AssertionError();
            }
        };
    }
}

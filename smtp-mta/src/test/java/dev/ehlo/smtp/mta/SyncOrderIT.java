package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Written, then synced, then 250: in the system's own words. RFC 5321 §4.2.5. */
class SyncOrderIT {
    private static final Pattern LINE = Pattern.compile("([0-9]+) +(.*)");
    private static final Pattern CALL = Pattern.compile("([a-z0-9_]+)\\([0-9]+<([^>]*)>(.*)");
    private static final Pattern RESULT = Pattern.compile("(?s).*\\) += (-?[0-9]+)( .*)?");

    private static final String JOURNAL = "/spool/[^/]*\\.log";
    private static final String CONTENT = "/spool/content/[^/]+";
    private static final String FOLDER = "/spool/content";
    private static final String SOCKET = "(socket|TCP).*";

    @TempDir
    private Path scratch;

    private Path data;

    /** A call of the system on an open file: where in the log it began and ended, and with what. */
    private record Call(String name, String file, String text, int began, int ended, long result) {
        boolean isWriteTo(String pattern) {
            return name.contains("write") || name.startsWith("send") ? is(pattern) : false;
        }

        boolean isSyncOf(String pattern) {
            return name.endsWith("sync") && is(pattern);
        }

        private boolean is(String pattern) {
            return file.matches("(.*)" + pattern);
        }
    }

    @BeforeEach
    void needsStrace() {
        Peers.installed("/usr/bin/strace");
        data = scratch.resolve("data");
    }

    /** What a server does from its start to its end that takes a small message and then a large one. */
    private List<Call> trace(String durability) throws Exception {
        Path log = scratch.resolve("strace");
        List<String> strace = List.of(
                "/usr/bin/strace",
                "-f",
                "-y",
                "-s",
                "64",
                "-o",
                log.toString(),
                "-e",
                "signal=none",
                "-e",
                "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,msync");
        try (EhloProcess server = EhloProcess.serveUnder(strace, data, "--hold", "--durability", durability)) {
            for (String message : List.of(Mail.empty("small"), Mail.large("large", 1_000_000))) {
                new AngusClient(server.port("mx"), AngusClient.Tls.NONE)
                        .send(null, null, MailClient.ADDRESS, message, MailClient.ADDRESS);
            }
            assertThat(server.stopUnder()).isZero();
        }
        return calls(Files.readAllLines(log, StandardCharsets.ISO_8859_1));
    }

    /** Of calls that others interrupt, strace writes the beginning and the end in lines of their own. */
    private static List<Call> calls(List<String> lines) {
        Map<String, String> begun = new HashMap<>();
        Map<String, Integer> beginnings = new HashMap<>();
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Matcher line = LINE.matcher(lines.get(i));
            if (!line.matches()) {
                continue;
            }
            String thread = line.group(1);
            String text = line.group(2);
            int began = i;
            if (text.endsWith("<unfinished ...>")) {
                begun.put(thread, text.substring(0, text.length() - "<unfinished ...>".length()));
                beginnings.put(thread, i);
                continue;
            }
            if (text.startsWith("<... ")) {
                String first = begun.remove(thread);
                if (first == null) {
                    continue;
                }
                began = beginnings.get(thread);
                text = first + text.substring(text.indexOf("resumed>") + "resumed>".length());
            }
            Matcher call = CALL.matcher(text);
            Matcher result = RESULT.matcher(text);
            if (call.matches() && result.matches()) {
                long value = Long.parseLong(result.group(1));
                calls.add(new Call(call.group(1), call.group(2), call.group(3), began, i, value));
            }
        }
        return calls;
    }

    /** The calls from the 354 of the n-th message on, up to its 250, that one the last. */
    private static List<Call> ofMessage(List<Call> all, int n) {
        List<Call> found = new ArrayList<>();
        int messages = 0;
        for (Call call : all) {
            boolean reply = call.isWriteTo(SOCKET);
            if (reply && call.text().startsWith(", \"354 ")) {
                messages++;
            }
            if (messages == n) {
                found.add(call);
                if (reply && call.text().startsWith(", \"250 2.0.0 queued")) {
                    return found;
                }
            }
        }
        throw new AssertionError("no 250 of message " + n + " among " + all.size() + " calls");
    }

    private static Call last(List<Call> calls) {
        return calls.get(calls.size() - 1);
    }

    private static Call lastWrite(List<Call> calls, String file) {
        return last(calls.stream().filter(call -> call.isWriteTo(file)).toList());
    }

    /** The first sync that began after that write had ended. */
    private static Call sync(List<Call> calls, String file, Call write) {
        Call sync = calls.stream()
                .filter(call -> call.isSyncOf(file) && call.began() > write.ended())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sync of " + file + " after it was written"));
        assertThat(sync.result()).isZero();
        return sync;
    }

    @Test
    void acknowledgesNothingBeforeItIsSynced() throws Exception {
        List<Call> all = trace("power");

        List<Call> small = ofMessage(all, 1);
        assertThat(small).noneMatch(call -> call.isWriteTo(CONTENT));
        Call record = lastWrite(small, JOURNAL);
        assertThat(sync(small, JOURNAL, record).ended()).isLessThan(last(small).began());

        List<Call> large = ofMessage(all, 2);
        Call content = lastWrite(large, CONTENT);
        Call contentSync = sync(large, CONTENT, content);
        Call folderSync = sync(large, FOLDER, content);
        record = lastWrite(large, JOURNAL);
        assertThat(content.file()).isEqualTo(contentSync.file());
        assertThat(contentSync.ended()).isLessThan(record.began());
        assertThat(folderSync.ended()).isLessThan(record.began());
        assertThat(sync(large, JOURNAL, record).ended()).isLessThan(last(large).began());
    }

    @Test
    void writesBeforeItAcknowledgesAndSyncsNothingWhereOnlyTheProcessMayEnd() throws Exception {
        List<Call> all = trace("process");

        for (int n = 1; n <= 2; n++) {
            List<Call> message = ofMessage(all, n);
            assertThat(lastWrite(message, JOURNAL).ended())
                    .isLessThan(last(message).began());
        }
        assertThat(all).noneMatch(call -> call.isSyncOf("/spool(/.*)?"));
    }
}

package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Short ways to put messages in and get them out, for tests. */
final class Mail {
    static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    static final Envelope ONE = Envelope.from("a@example.org").to("b@example.net");
    static final Envelope THREE = Envelope.from("a@example.org").to("b@example.net", "c@example.net", "d@example.com");

    private Mail() {}

    static SpooledMessage put(Spool spool, Envelope envelope, byte[] content) throws Exception {
        return await(write(spool, envelope, content));
    }

    static CompletionStage<SpooledMessage> write(Spool spool, Envelope envelope, byte[] content) throws IOException {
        return write(spool, envelope, NOON, content);
    }

    static CompletionStage<SpooledMessage> write(Spool spool, Envelope envelope, Instant arrival, byte[] content)
            throws IOException {
        SpoolWriter writer = spool.open(envelope, arrival);
        try {
            writeSlices(content, writer::write);
        } catch (IOException e) {
            writer.abort();
            throw e;
        }
        return writer.complete();
    }

    static Reply put(MailQueue queue, Envelope envelope, byte[] content) throws Exception {
        MessageSink sink = queue.open(envelope);
        writeSlices(content, sink::write);
        return await(sink.complete());
    }

    interface Writing {
        void write(ByteBuffer slice) throws IOException;
    }

    private static void writeSlices(byte[] content, Writing writing) throws IOException {
        for (int at = 0; at < content.length; at += 5000) {
            writing.write(ByteBuffer.wrap(content, at, Math.min(5000, content.length - at)));
        }
    }

    static byte[] read(MessageSource source) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(1000);
        try (ReadableByteChannel channel = source.open()) {
            while (channel.read(buffer) >= 0) {
                out.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
        }
        return out.toByteArray();
    }

    static List<SpooledMessage> start(Spool spool) throws IOException {
        Map<QueueId, List<PendingRecipient>> owned = new LinkedHashMap<>();
        spool.start(new SpoolOwner() {
            @Override
            public void owns(QueueId id, List<PendingRecipient> pending) {
                owned.put(id, pending);
            }

            @Override
            public void lost(QueueId id) {
                owned.remove(id);
            }
        });
        List<SpooledMessage> messages = new ArrayList<>();
        owned.forEach((id, pending) -> {
            try {
                SpooledMessage message = await(spool.load(id));
                assertThat(message.pending()).isEqualTo(pending);
                messages.add(message);
            } catch (ExecutionException | InterruptedException | TimeoutException e) {
                throw new AssertionError("message of the spool not read back: " + id, e);
            }
        });
        return messages;
    }

    static <T> T await(CompletionStage<T> stage) throws ExecutionException, InterruptedException, TimeoutException {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    static byte[] octets(int count, long seed) {
        byte[] octets = new byte[count];
        new Random(seed).nextBytes(octets);
        return octets;
    }

    static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package dev.ehlo.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageSourceTest {
    private static final byte[] OCTETS = "Subject: x\r\n\r\nhello\r\n".getBytes(US_ASCII);

    private static byte[] read(MessageSource source, ByteBuffer by) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (ReadableByteChannel channel = source.open()) {
            assertThat(channel.isOpen()).isTrue();
            while (channel.read(by.clear()) >= 0) {
                by.flip();
                while (by.hasRemaining()) {
                    all.write(by.get());
                }
            }
            assertThat(channel.read(ByteBuffer.allocate(0))).isZero();
        }
        return all.toByteArray();
    }

    static Stream<MessageSource> sources() {
        ByteBuffer direct = ByteBuffer.allocateDirect(100).position(7);
        direct.put(OCTETS, 0, 5).flip().position(7);
        ByteBuffer rest = ByteBuffer.wrap(OCTETS, 5, OCTETS.length - 5);
        return Stream.of(
                MessageSource.of(OCTETS),
                MessageSource.of(direct, ByteBuffer.allocate(0), rest, ByteBuffer.allocate(0)),
                MessageSource.of(ByteBuffer.wrap(OCTETS).asReadOnlyBuffer()),
                MessageSource.of(OCTETS.length, () -> new ByteArrayInputStream(OCTETS)));
    }

    @ParameterizedTest
    @MethodSource("sources")
    void yieldsTheSameOctetsAsOftenAsItIsOpenedHoweverTheyAreRead(MessageSource source) throws IOException {
        assertThat(source.octets()).isEqualTo(OCTETS.length);
        for (int room : new int[] {1, 3, OCTETS.length, 1000}) {
            assertThat(read(source, ByteBuffer.allocate(room))).isEqualTo(OCTETS);
            assertThat(read(source, ByteBuffer.allocateDirect(room))).isEqualTo(OCTETS);
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    void readsNothingOnceItIsClosed(MessageSource source) throws IOException {
        ReadableByteChannel channel = source.open();
        channel.close();
        channel.close();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(() -> channel.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void takesBuffersAsTheyAreWhenTheyAreGiven() throws IOException {
        ByteBuffer given = ByteBuffer.wrap(OCTETS).limit(10);
        MessageSource source = MessageSource.of(given, given);
        given.clear().position(OCTETS.length);
        assertThat(source.octets()).isEqualTo(20);
        assertThat(read(source, ByteBuffer.allocate(100))).isEqualTo("Subject: xSubject: x".getBytes(US_ASCII));
        assertThat(given.position()).isEqualTo(OCTETS.length);
    }

    @Test
    void mayBeEmpty() throws IOException {
        assertThat(read(MessageSource.of(), ByteBuffer.allocate(1))).isEmpty();
        assertThat(read(MessageSource.of(new byte[0]), ByteBuffer.allocate(1))).isEmpty();
        assertThat(read(MessageSource.of(0, InputStream::nullInputStream), ByteBuffer.allocate(1)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void failsWhereAStreamHasFewerOctetsThanWasSaid(int room) {
        MessageSource source = MessageSource.of(OCTETS.length + 3, () -> new ByteArrayInputStream(OCTETS));
        assertThatIOException()
                .isThrownBy(() -> read(source, ByteBuffer.allocate(room)))
                .withMessage("content ends 3 octets early, of 24");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void failsBeforeTheLastOctetIsOutWhereAStreamHasMoreThanWasSaid(int room) throws IOException {
        MessageSource source = MessageSource.of(OCTETS.length - 1, () -> new ByteArrayInputStream(OCTETS));
        int got = 0;
        try (ReadableByteChannel channel = source.open()) {
            while (true) {
                got += channel.read(ByteBuffer.allocate(room));
            }
        } catch (IOException e) {
            assertThat(e).hasMessage("content is longer than the 20 octets it was said to have");
        }
        assertThat(got).isLessThan(OCTETS.length - 1);
    }

    @Test
    void closesTheStreamsThatItOpened() throws IOException {
        AtomicInteger open = new AtomicInteger();
        MessageSource source = MessageSource.of(OCTETS.length, () -> {
            open.incrementAndGet();
            return new ByteArrayInputStream(OCTETS) {
                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        });
        read(source, ByteBuffer.allocate(7));
        read(source, ByteBuffer.allocate(7));
        assertThat(open).hasValue(0);
        assertThatIllegalArgumentException().isThrownBy(() -> MessageSource.of(-1, InputStream::nullInputStream));
    }
}

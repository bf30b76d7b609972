package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/** Takes decoded content, slice by slice. */
@FunctionalInterface
public interface ContentConsumer {
    /**
     * Takes the octets between position and limit, which belong to the caller and may be read during this call only.
     * Nothing is to be thrown: the decoder has to stay in step with the peer whatever becomes of the content.
     */
    void accept(ByteBuffer slice);
}

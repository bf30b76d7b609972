/**
 * Between values and octets. Parsers and decoders are fed a {@link java.nio.ByteBuffer} as it fills and may be resumed
 * at any octet; views such as {@link dev.ehlo.smtp.codec.Command} are reused and valid until the next parse. Each
 * object here belongs to one connection and is used by one thread at a time.
 */
@NullMarked
package dev.ehlo.smtp.codec;

import org.jspecify.annotations.NullMarked;

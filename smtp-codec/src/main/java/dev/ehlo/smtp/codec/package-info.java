/**
 * Between values and octets, in both directions. Nothing here does input or output: octets come in a
 * {@link java.nio.ByteBuffer}, called {@code in} below, and go to another, {@code out}.
 *
 * <h2>What all have in common</h2>
 *
 * <ul>
 *   <li>A parser or decoder is given the buffer as it fills, between position and limit, and may be resumed at any
 *       octet. On {@link dev.ehlo.smtp.codec.ParseResult#INCOMPLETE} the position stays: compact the buffer, read more
 *       behind what is left, and call again.
 *   <li>Nothing throws on what a peer sends. What it says wrong is a result ({@code MALFORMED}, {@code OVERLONG}), a
 *       question ({@code isRefused}), or an empty {@link java.util.Optional} where a {@code parse} or {@code decode}
 *       takes a peer's text. An {@link java.lang.IllegalArgumentException} is the caller's mistake: an argument that
 *       could not stand on the wire.
 *   <li>A view ({@link dev.ehlo.smtp.codec.Command}, {@link dev.ehlo.smtp.codec.ReplyView},
 *       {@link dev.ehlo.smtp.codec.ProxyHeader}) shows the buffer, is reused, and is valid until the next parse or until
 *       the buffer changes. Only its methods {@code to…} and {@code copy…} allocate, and what they return may be kept.
 *   <li>A parser, decoder, encoder or view belongs to one connection and is used by one thread at a time. Records,
 *       {@link dev.ehlo.smtp.codec.EncodedReply} and {@link dev.ehlo.smtp.codec.ProxyTlv} are immutable and shared.
 * </ul>
 *
 * <h2>Commands</h2>
 *
 * A server parses lines and answers each; what is wrong with one comes with the reply that RFC 5321 wants.
 *
 * <pre>{@code
 * CommandParser parser = new CommandParser();
 * Command command = new Command();
 * ParseResult result;
 * while ((result = parser.parse(in, command)) != ParseResult.INCOMPLETE) {
 *     Reply reply = switch (result) {
 *         case MALFORMED -> command.error().reply();
 *         case OVERLONG -> Reply.of(500, "5.5.2", "Line too long");
 *         default -> switch (command.verb()) {
 *             case MAIL -> {
 *                 long octets = command.toParameters().size().orElse(0);
 *                 yield Reply.quoting(250, "2.1.0", octets + " octets from " + command.toReversePath());
 *             }
 *             case QUIT -> Reply.of(221, "2.0.0", "Bye");
 *             default -> Reply.of(502, "5.5.1", "Not implemented");
 *         };
 *     };
 *     out.put(ReplyEncoder.encode(reply));
 * }
 * }</pre>
 *
 * {@link dev.ehlo.smtp.codec.Leniency} names forms beyond the grammar that a parser may take. A reply that is sent over
 * and over is made once, as an {@link dev.ehlo.smtp.codec.EncodedReply}.
 *
 * <h2>Replies</h2>
 *
 * A client parses the replies, and writes commands whose every part was checked when it was made.
 *
 * <pre>{@code
 * ReplyParser parser = new ReplyParser();
 * ReplyView reply = new ReplyView();
 * if (parser.parse(in, reply) == ParseResult.COMPLETE && reply.isPositive()) {
 *     Capabilities offered = Capabilities.of(reply.toReply());
 *     EsmtpParameters parameters = EsmtpParameters.NONE;
 *     if (offered.has(Extension.SIZE)) {
 *         parameters = parameters.with(EsmtpParameter.size(1000));
 *     }
 *     if (offered.authMechanisms().contains("PLAIN")) {
 *         CommandEncoder.auth(out, "PLAIN", new SaslPlain("", "user", "secret").encode());
 *     }
 *     CommandEncoder.mail(out, Envelope.from("a@example.org"), parameters);
 * }
 * }</pre>
 *
 * <h2>Content</h2>
 *
 * After DATA, {@link dev.ehlo.smtp.codec.DataDecoder} gives out slices of the buffer itself, without the dots, up to end
 * of data; {@link dev.ehlo.smtp.codec.ChunkDecoder} does it for the chunks of BDAT. A
 * {@link dev.ehlo.smtp.codec.HeaderScanner} is shown the slices on their way, and counts what stands in the header.
 *
 * <pre>{@code
 * DataDecoder decoder = new DataDecoder(BareNewlines.REFUSE);
 * HeaderScanner header = new HeaderScanner();
 * boolean ended = decoder.decode(in, slice -> {
 *     header.scan(slice);
 *     out.put(slice);
 * });
 * if (ended && (decoder.isRefused() || header.count(HeaderField.RECEIVED) > 100)) {
 *     out.clear();
 * }
 * }</pre>
 *
 * The other way, {@link dev.ehlo.smtp.codec.DataEncoder} copies content with its dots stuffed, and
 * {@link dev.ehlo.smtp.codec.DataSlices} makes slices of it for a gathering write, without a copy;
 * {@link dev.ehlo.smtp.codec.DataTransfer} sends a {@link dev.ehlo.smtp.MessageSource} so.
 *
 * <pre>{@code
 * DataEncoder encoder = new DataEncoder();
 * encoder.encode(in, out);
 * encoder.finish(out);
 * }</pre>
 *
 * <h2>Others</h2>
 *
 * {@link dev.ehlo.smtp.codec.SaslLine} reads the lines of an AUTH dialogue, {@link dev.ehlo.smtp.codec.MessageDate} reads
 * and writes dates, {@link dev.ehlo.smtp.codec.ClientAttributes} is the argument of XCLIENT and XFORWARD, and
 * {@link dev.ehlo.smtp.codec.ProxyHeaderParser} tells a server behind a proxy who its client is. To hand that on:
 *
 * <pre>{@code
 * ProxyHeader header = new ProxyHeader();
 * if (new ProxyHeaderParser().parse(in, header) == ParseResult.COMPLETE) {
 *     header.toSource().ifPresent(client -> {
 *         String address = client.getAddress().getHostAddress();
 *         CommandEncoder.client(out, new ClientAttributes(Verb.XCLIENT, Map.of(ClientAttribute.ADDR, address)));
 *     });
 * }
 * }</pre>
 */
@NullMarked
package dev.ehlo.smtp.codec;

import org.jspecify.annotations.NullMarked;

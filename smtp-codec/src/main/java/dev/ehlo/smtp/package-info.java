/**
 * The vocabulary of a mail transaction, and the interfaces by which its parts hand mail to one another.
 *
 * <p>A message enters through a {@link dev.ehlo.smtp.MessageSink} and leaves by a {@link dev.ehlo.smtp.MessageSource};
 * a {@link dev.ehlo.smtp.DeliveryAgent} takes an {@link dev.ehlo.smtp.Envelope} and a source, and answers with a
 * {@link dev.ehlo.smtp.DeliveryReport}. What a server, a client or a queue says is a {@link dev.ehlo.smtp.Reply},
 * never an exception. All values are immutable and may be shared between threads.
 *
 * <p>What can't stand on the wire can't be made: constructors and {@code parse} throw an
 * {@link java.lang.IllegalArgumentException} with the value in it, escaped, while {@code find} answers with an empty
 * {@link java.util.Optional}. {@code toString} gives a value as it stands on the wire, without brackets and line ends;
 * {@code parse} reads that back. What the ESMTP parameters of MAIL and RCPT say has types of its own, made by
 * {@link dev.ehlo.smtp.EsmtpParameter} and read by {@link dev.ehlo.smtp.EsmtpParameters}:
 *
 * <pre>{@code
 * Envelope envelope = Envelope.from("a@example.org")
 *         .with(EsmtpParameter.size(1000))
 *         .with(EsmtpParameter.dsnReturn(DsnReturn.HDRS))
 *         .to("b@example.net");
 * OptionalLong octets = envelope.parameters().size();
 * }</pre>
 *
 * <p>How these values become octets, and octets these values, is told in {@link dev.ehlo.smtp.codec}.
 */
@NullMarked
package dev.ehlo.smtp;

import org.jspecify.annotations.NullMarked;

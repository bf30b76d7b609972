/**
 * The vocabulary of a mail transaction, and the interfaces by which its parts hand mail to one another.
 *
 * <p>A message enters through a {@link dev.ehlo.smtp.MessageSink} and leaves by a {@link dev.ehlo.smtp.MessageSource};
 * a {@link dev.ehlo.smtp.DeliveryAgent} takes an {@link dev.ehlo.smtp.Envelope} and a source, and answers with a
 * {@link dev.ehlo.smtp.DeliveryReport}. What a server, a client or a queue says is a {@link dev.ehlo.smtp.Reply},
 * never an exception. All values are immutable and may be shared between threads.
 */
@NullMarked
package dev.ehlo.smtp;

import org.jspecify.annotations.NullMarked;

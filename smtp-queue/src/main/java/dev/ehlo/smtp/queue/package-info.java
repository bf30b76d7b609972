/**
 * The queue and its spool. {@link dev.ehlo.smtp.queue.MailQueue} is what one uses;
 * {@link dev.ehlo.smtp.queue.Spool} is where messages are kept, in a directory or, for tests, in memory.
 *
 * <p>The promise: a message for which {@code 250} was answered is not lost by a kill, a crash, a full disk or a failed
 * sync. A duplicate can arise only between the remote host's {@code 250} and our record of it.
 */
@NullMarked
package dev.ehlo.smtp.queue;

import org.jspecify.annotations.NullMarked;

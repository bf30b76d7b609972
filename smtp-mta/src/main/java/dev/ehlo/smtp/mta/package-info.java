/**
 * The mail server and its command line. {@link dev.ehlo.smtp.mta.MailServer} is the composition,
 * {@link dev.ehlo.smtp.mta.Ehlo} the command; a message goes from the server's session through
 * {@link dev.ehlo.smtp.mta.MailHandler} into the queue, and from there by {@link dev.ehlo.smtp.mta.Router} into a
 * Maildir or to the next host.
 */
@NullMarked
package dev.ehlo.smtp.mta;

import org.jspecify.annotations.NullMarked;

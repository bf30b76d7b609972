/**
 * Jakarta Mail by {@link dev.ehlo.smtp.client.SmtpClient}. With this module on the class path or module path,
 * {@link jakarta.mail.Session#getTransport()} and {@link jakarta.mail.Transport#send} take
 * {@link dev.ehlo.smtp.jakarta.SmtpTransport} for {@code smtp} and {@link dev.ehlo.smtp.jakarta.SmtpsTransport} for
 * {@code smtps}; there is nothing to call. The properties are those that Angus documents, and {@code SmtpTransport} tells
 * what becomes of each.
 *
 * <p>An implementation of Jakarta Mail, such as Angus, stays where it is: it encodes the messages, and reads mail.
 */
@NullMarked
package dev.ehlo.smtp.jakarta;

import org.jspecify.annotations.NullMarked;

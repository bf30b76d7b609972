/**
 * Delivers mail by SMTP.
 *
 * <p>{@link dev.ehlo.smtp.client.SmtpClient} makes {@link dev.ehlo.smtp.DeliveryAgent}s: one for a
 * {@link dev.ehlo.smtp.client.Smarthost}, or one that looks up the mail exchangers of each domain by an
 * {@link dev.ehlo.smtp.client.MxResolver}. An agent groups the recipients by destination, and goes
 * through the hosts of each until one takes the mail transaction, on a connection that was kept for that host, or a new
 * one. A connection is spoken on by one session, for one transaction after the other, or several in flight; STARTTLS ends
 * that session and begins another, which knows nothing of the first. The session does no input or output: it is given
 * octets and the time, and gives octets, a deadline and outcomes. Content goes past it, from its file to the socket
 * where it can.
 */
@NullMarked
package dev.ehlo.smtp.client;

import org.jspecify.annotations.NullMarked;

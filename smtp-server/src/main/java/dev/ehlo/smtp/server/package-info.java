/**
 * An SMTP server to build on. {@link dev.ehlo.smtp.server.SmtpServer} listens in the role that each
 * {@link dev.ehlo.smtp.server.Profile} describes and asks one {@link dev.ehlo.smtp.server.SmtpHandler} about each mail
 * transaction; the protocol, its limits and its guards are the server's own matter.
 */
@NullMarked
package dev.ehlo.smtp.server;

import org.jspecify.annotations.NullMarked;

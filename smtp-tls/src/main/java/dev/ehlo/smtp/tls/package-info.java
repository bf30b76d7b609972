/**
 * The TLS side of SMTP as its users meet it: when a connection turns to TLS ({@link dev.ehlo.smtp.tls.TlsMode}), with
 * which keys and trust ({@link dev.ehlo.smtp.tls.TlsContext}), and what came of it
 * ({@link dev.ehlo.smtp.tls.TlsSession}).
 */
@NullMarked
package dev.ehlo.smtp.tls;

import org.jspecify.annotations.NullMarked;

/**
 * The TLS side of SMTP as its users meet it: when a connection turns to TLS ({@link dev.ehlo.smtp.tls.TlsMode}), with
 * which keys ({@link dev.ehlo.smtp.tls.TlsContext}), what a client asks of the server
 * ({@link dev.ehlo.smtp.tls.TlsPolicy}), and what came of it ({@link dev.ehlo.smtp.tls.TlsSession},
 * {@link dev.ehlo.smtp.tls.TlsVerdict}).
 */
@NullMarked
package dev.ehlo.smtp.tls;

import org.jspecify.annotations.NullMarked;

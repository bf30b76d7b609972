/** The server's side of each SASL mechanism, without I/O. RFC 4422. */
@NullMarked
package dev.ehlo.smtp.server.sasl;

import org.jspecify.annotations.NullMarked;

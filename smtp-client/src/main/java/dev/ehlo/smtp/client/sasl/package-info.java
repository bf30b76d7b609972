/** The client's side of SASL mechanisms, each a machine without I/O: challenges in, responses out. RFC 4422. */
@NullMarked
package dev.ehlo.smtp.client.sasl;

import org.jspecify.annotations.NullMarked;

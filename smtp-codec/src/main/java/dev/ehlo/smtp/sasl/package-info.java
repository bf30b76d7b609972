/** What both sides of SASL compute, without I/O; shared by the sibling modules, no API. RFC 4422, RFC 5802. */
@NullMarked
package dev.ehlo.smtp.sasl;

import org.jspecify.annotations.NullMarked;

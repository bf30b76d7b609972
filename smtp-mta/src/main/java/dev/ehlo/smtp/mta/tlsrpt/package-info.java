/** Reports on TLS: counted, kept over a restart, made once a day and sent to the domains that want them. RFC 8460. */
@NullMarked
package dev.ehlo.smtp.mta.tlsrpt;

import org.jspecify.annotations.NullMarked;

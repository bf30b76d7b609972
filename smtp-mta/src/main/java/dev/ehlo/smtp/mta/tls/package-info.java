/** TLS of the JDK's, for tools that look at servers whoever they are. */
@NullMarked
package dev.ehlo.smtp.mta.tls;

import org.jspecify.annotations.NullMarked;

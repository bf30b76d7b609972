/**
 * Attacks on a server that runs, and what came of each: a second opinion, made of the JDK's sockets and its TLS alone and
 * of nothing that the server is made of. It knows the server by its addresses, and by a {@link
 * dev.ehlo.smtp.mta.selftest.Watch} at what stands behind it.
 */
@NullMarked
package dev.ehlo.smtp.mta.selftest;

import org.jspecify.annotations.NullMarked;

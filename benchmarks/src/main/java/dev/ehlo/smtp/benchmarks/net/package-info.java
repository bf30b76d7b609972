/**
 * What connections cost: the reactor beside a bare loop, TLS through it beside the engine alone, handshakes beside
 * OpenSSL's, and what thousands of idle connections hold. Each is a program that prints its figures; all of it stays on
 * 127.0.0.1.
 */
@NullMarked
package dev.ehlo.smtp.benchmarks.net;

import org.jspecify.annotations.NullMarked;

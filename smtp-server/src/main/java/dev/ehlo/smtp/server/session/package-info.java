/**
 * The session as a machine without input or output: octets in, reply octets and a {@link
 * dev.ehlo.smtp.server.session.Step} out. What it must know from outside it asks by a {@link
 * dev.ehlo.smtp.server.session.Question}, which others run where it may block. Not exported.
 */
@NullMarked
package dev.ehlo.smtp.server.session;

import org.jspecify.annotations.NullMarked;

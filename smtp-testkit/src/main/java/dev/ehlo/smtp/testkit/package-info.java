/**
 * Peers, dialogues, cuts and clocks for tests of mail code. What goes wrong here is an {@link AssertionError} that
 * tells the line of the dialogue, what was expected, and what came, escaped. Nothing sleeps and every wait has an end.
 */
@NullMarked
package dev.ehlo.smtp.testkit;

import org.jspecify.annotations.NullMarked;

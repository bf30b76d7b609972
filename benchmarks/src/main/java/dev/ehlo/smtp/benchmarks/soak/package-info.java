/**
 * Crowds at the door of {@code ehlo serve}, a process of its own with a heap of 256 MiB: idle ones, new ones, slow ones and
 * guessers, beside users who want to be served as if there were none. Clients come from many addresses of 127.0.0.0/8, and
 * all of it stays there. {@link dev.ehlo.smtp.benchmarks.soak.Soak} runs all of it and prints a table.
 */
@NullMarked
package dev.ehlo.smtp.benchmarks.soak;

import org.jspecify.annotations.NullMarked;

/**
 * Files, segments and records below the spool: what is written where and how it is found again, without a word of mail.
 */
@NullMarked
package dev.ehlo.smtp.queue.journal;

import org.jspecify.annotations.NullMarked;

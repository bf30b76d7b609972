/** What the mail server counts, as OpenMetrics on a port of the loopback interface. */
@NullMarked
package dev.ehlo.smtp.mta.metrics;

import org.jspecify.annotations.NullMarked;

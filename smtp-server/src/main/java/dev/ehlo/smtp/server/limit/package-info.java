/** What is counted of clients, networks and logins across sessions: in tables that are bounded and forget by themselves. */
@NullMarked
package dev.ehlo.smtp.server.limit;

import org.jspecify.annotations.NullMarked;

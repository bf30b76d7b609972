/** What ties the session machine to the reactor and to the threads where handlers may block. Not exported. */
@NullMarked
package dev.ehlo.smtp.server.driver;

import org.jspecify.annotations.NullMarked;

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import org.jspecify.annotations.Nullable;

/** What goes to one destination: the envelope of its recipients, the content, and the login there. */
record Message(Envelope envelope, Content content, @Nullable Login login) {}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import org.jspecify.annotations.Nullable;

/** What goes to one destination: the envelope of its recipients, the content, and the login there. */
record Message(
        Envelope envelope,
        MessageSource content,
        boolean eightBit,
        @Nullable Login login) {
    SessionPlan plan(String localName, Hop hop, SessionTimeouts timeouts, @Nullable DialogueListener dialogue) {
        return new SessionPlan(
                localName, hop.host(), envelope, content, eightBit, hop.policy(), login, timeouts, dialogue);
    }
}

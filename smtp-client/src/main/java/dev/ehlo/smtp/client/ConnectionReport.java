package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import org.jspecify.annotations.Nullable;

/**
 * What became of an attempt to have a connection to a smarthost.
 *
 * @param stands whether there is one that takes messages, logged in where that was asked for
 * @param reply why not, in the words of the host, or in this side's own where no host replied
 * @param remote the host, with what it offers if it stands; null if it came to none
 * @param phase how far it had come; null if nobody tells
 */
public record ConnectionReport(
        boolean stands,
        Reply reply,
        @Nullable RemoteHost remote,
        @Nullable DeliveryPhase phase) {}

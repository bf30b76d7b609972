package dev.ehlo.smtp.queue;

import java.util.concurrent.CompletionStage;

/**
 * Tells which destinations are served by the same hosts, so that their mail shares a lane, and goes in one attempt: a
 * host that serves a thousand domains gets no more at a time than one that serves one. See {@link MailQueueBuilder#hosts}.
 */
@FunctionalInterface
public interface MailHosts {
    /**
     * The name of the hosts that take the mail of a destination; the same for each destination that they serve. At most
     * {@value #LONGEST} characters; a longer one, none, or a failure means the destination itself. Called on the queue's
     * thread, which it must not block, and not again for some minutes.
     *
     * @param destination as {@link MailQueueBuilder#lanes} names it; what strangers say, so escape it where it is shown
     */
    CompletionStage<String> of(String destination);

    /** Characters of a name. */
    int LONGEST = 500;
}

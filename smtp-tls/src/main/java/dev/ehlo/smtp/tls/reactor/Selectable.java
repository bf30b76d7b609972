package dev.ehlo.smtp.tls.reactor;

/** What a loop's selector can point to; called on the loop's thread. */
interface Selectable {
    /** The channel is ready for these operations of {@link java.nio.channels.SelectionKey}. */
    void ready(int operations);

    /** The reactor closes: give everything back at once. */
    void stop();
}

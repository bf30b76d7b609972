package dev.ehlo.smtp.client;

/** A session as {@link Pool} sees it. Used on the loop's thread. */
interface PooledSession {
    /** The place of its connection. */
    Place place();

    /** Whether a delivery can begin on it now. */
    boolean takesAnother();

    /** Whether nothing is under way on it. */
    boolean isIdle();

    /** Begins a delivery; to be called only while it takes another. */
    void begin(SessionHandler.Delivery next);

    /** Ends the idle session in order. */
    void quit();
}

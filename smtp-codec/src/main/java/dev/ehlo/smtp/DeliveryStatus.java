package dev.ehlo.smtp;

/** What an attempt did for one recipient. */
public enum DeliveryStatus {
    /** It has arrived: the recipient's mailbox has it. RFC 3464 §2.3.3. */
    DELIVERED,
    /** The next host has it: 2yz after end of data. */
    RELAYED,
    /** Refused for now by the host: to be tried again. RFC 5321 §4.2.1, 4yz. */
    DEFERRED,
    /**
     * No host has it, and none refused it: not reached, lost on the way or not attempted, and in any case before end of
     * data was sent. To be tried again.
     */
    NOT_SENT,
    /** Refused for good. RFC 5321 §4.2.1, 5yz. */
    FAILED,
    /** End of data was sent and no reply to it came: the host may have it. To try again may duplicate. */
    UNKNOWN;

    /** Whether nothing is left to do for the recipient, and nothing went wrong. */
    public boolean isSuccess() {
        return this == DELIVERED || this == RELAYED;
    }
}

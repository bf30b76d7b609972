package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Rate;

/**
 * How often each address, network or login may do something. Passing a rate of connections is told 421 4.7.0, and one of
 * messages or recipients {@code 451 4.7.1} with a time after which to try again; for content that has begun there is none.
 *
 * @param connections connections that begin; of no account for a login
 * @param messages MAIL commands; RFC 5321 §4.1.1.2
 * @param recipients RCPT commands, those refused included, as guesses at addresses are; RFC 5321 §4.1.1.3
 */
public record ClientRates(Rate connections, Rate messages, Rate recipients) {
    /** As often as anybody likes. */
    public static final ClientRates UNLIMITED = new ClientRates(Rate.UNLIMITED, Rate.UNLIMITED, Rate.UNLIMITED);

    /** These rates with another one of connections. */
    public ClientRates connections(Rate rate) {
        return new ClientRates(rate, messages, recipients);
    }

    /** These rates with another one of messages. */
    public ClientRates messages(Rate rate) {
        return new ClientRates(connections, rate, recipients);
    }

    /** These rates with another one of recipients. */
    public ClientRates recipients(Rate rate) {
        return new ClientRates(connections, messages, rate);
    }
}

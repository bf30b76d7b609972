package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.server.ClientRates;

/** {@link ClientRates} to take from. Immutable. */
final class Paces {
    final Pace connections;
    final Pace messages;
    final Pace recipients;

    Paces(ClientRates rates) {
        this.connections = new Pace(rates.connections());
        this.messages = new Pace(rates.messages());
        this.recipients = new Pace(rates.recipients());
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import java.time.Duration;

/** Where a {@link ClientSession} stands, and in words what it waits for there. */
enum ClientState {
    GREETING("the greeting", false, DeliveryPhase.GREETING),
    EHLO("the reply to EHLO", true, DeliveryPhase.EHLO),
    HELO("the reply to HELO", true, DeliveryPhase.EHLO),
    STARTTLS("the reply to STARTTLS", true, DeliveryPhase.TLS),
    AUTH("the reply to AUTH", true, DeliveryPhase.AUTH),
    SASL("the reply to the credentials", true, DeliveryPhase.AUTH),
    TRANSACTION("a reply", false, DeliveryPhase.MAIL),
    IDLE("another message", false, DeliveryPhase.MAIL),
    QUIT("the reply to QUIT", true, DeliveryPhase.MAIL),
    TURNING("TLS", false, DeliveryPhase.TLS),
    OVER("nothing", false, DeliveryPhase.MAIL);

    final String waitingFor;
    /** Whether one command is sent in it, and its reply leads on. */
    final boolean isCommand;
    /** How far an attempt has come that ends in it. */
    final DeliveryPhase phase;

    ClientState(String waitingFor, boolean isCommand, DeliveryPhase phase) {
        this.waitingFor = waitingFor;
        this.isCommand = isCommand;
        this.phase = phase;
    }

    /** How long to wait in it. */
    Duration timeout(SessionPlan plan) {
        return switch (this) {
            case GREETING -> plan.timeouts().greeting();
            case IDLE -> plan.reuse().idle();
            case QUIT, TURNING, OVER -> plan.timeouts().quit();
            case EHLO, HELO, STARTTLS, AUTH, SASL, TRANSACTION ->
                plan.timeouts().command();
        };
    }
}

package dev.ehlo.smtp.queue;

/**
 * A recipient of a spooled message who is not settled yet.
 *
 * @param index where the recipient stands in the envelope, from 0
 * @param deferral how it stands; no attempts, and due since its arrival, if none was made
 */
public record PendingRecipient(int index, Deferral deferral) {}

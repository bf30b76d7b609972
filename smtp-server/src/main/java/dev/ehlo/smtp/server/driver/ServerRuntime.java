package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.ClientNames;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.limit.Admission;
import dev.ehlo.smtp.tls.TlsContext;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one profile share.
 *
 * @param tls for STARTTLS, with sessions of this profile's own; null without a certificate
 * @param workers where handlers and authenticators may block
 * @param ids a new session's id
 * @param admission who is let in
 * @param live those that stand
 * @param names who finds out the names of clients
 * @param strain what is shed
 * @param events who is told what happens
 * @param clock the time that durations are measured by, in nanoseconds
 */
public record ServerRuntime(
        @Nullable TlsContext tls,
        Workers workers,
        Supplier<String> ids,
        Admission admission,
        LiveConnections live,
        ClientNames names,
        StrainWatch strain,
        ServerEvents events,
        LongSupplier clock) {}

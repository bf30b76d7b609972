package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Sessions and transactions that never were, for those who are told of them. */
final class Sessions {
    private Sessions() {}

    static SessionInfo from(String address) {
        return SessionInfo.of(
                "id1",
                new InetSocketAddress(address, 40007),
                new InetSocketAddress("192.0.2.1", 25),
                "mx",
                client -> CompletableFuture.completedFuture(Optional.empty()));
    }

    static TransactionSummary accepted(SessionInfo session, int recipients, int refused) {
        return new TransactionSummary(
                session,
                1,
                ReversePath.NULL,
                recipients,
                refused,
                1000,
                2_000_000,
                TransactionSummary.Outcome.ACCEPTED,
                Reply.of(250, "2.0.0", "queued as 1"));
    }
}

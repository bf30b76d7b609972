package dev.ehlo.smtp.client.sasl;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** What a {@link SaslExchange} wants next. */
public sealed interface SaslStep {
    /** These octets go to the server, as they are before base64; there may be none. */
    final class Say implements SaslStep {
        private final byte[] message;

        public Say(byte[] message) {
            this.message = message.clone();
        }

        public byte[] message() {
            return message.clone();
        }

        /** How many: they may be a password. */
        @Override
        public String toString() {
            return "Say[" + message.length + " octets]";
        }
    }

    /** The server speaks first. */
    record Listen() implements SaslStep {}

    /**
     * Something that takes its time, for {@link SaslExchange#answered}.
     *
     * @param question to be called where it may block
     */
    record Ask(Supplier<CompletionStage<byte[]>> question) implements SaslStep {
        /** Has it asked by that executor; an executor that takes no more is an answer that failed. */
        public CompletableFuture<byte[]> by(Executor executor) {
            try {
                return CompletableFuture.supplyAsync(question, executor).thenCompose(stage -> stage);
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    /** There is no going on, for that reason. */
    record GiveUp(String why) implements SaslStep {}
}

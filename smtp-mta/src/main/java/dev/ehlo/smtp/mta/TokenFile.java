package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.TokenSupplier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An access token in a file that something else renews, read anew for each login. */
record TokenFile(Path file) implements TokenSupplier {
    @Override
    public CompletionStage<String> token(Optional<String> refused) {
        try {
            return CompletableFuture.completedFuture(Password.inFile(file));
        } catch (IOException | Failure e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}

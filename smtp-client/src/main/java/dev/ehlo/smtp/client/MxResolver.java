package dev.ehlo.smtp.client;

import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** Looks up where the mail of a domain goes. Called from any thread, and does not block it. */
@FunctionalInterface
public interface MxResolver {
    /**
     * The answer for that domain, which is a name and no address literal. The client asks for it as DNS has it, in
     * A-labels and lower case. A stage that fails is taken for {@link MxAnswer.TemporaryFailure}.
     */
    CompletionStage<MxAnswer> resolve(String domain);

    /** Asks the DNS servers that this machine is configured for, and keeps answers as long as they say. */
    static MxResolver system() {
        return DnsMxResolver.system();
    }

    /** Asks that DNS server, by UDP and, for long answers, by TCP. */
    static MxResolver at(InetSocketAddress server) {
        return DnsMxResolver.at(server);
    }
}

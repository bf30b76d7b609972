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

    /** Asks the DNS servers that this machine is configured for, with {@link Dnssec#standard()}. */
    static MxResolver system() {
        return system(Dnssec.standard());
    }

    /** Asks the DNS servers that this machine is configured for, and keeps answers as long as they say. */
    static MxResolver system(Dnssec dnssec) {
        return DnsMxResolver.system(dnssec);
    }

    /** Asks that DNS server, by UDP and, for long answers, by TCP, with {@link Dnssec#standard()}. */
    static MxResolver at(InetSocketAddress server) {
        return at(server, Dnssec.standard());
    }

    /** Asks that DNS server, by UDP and, for long answers, by TCP. */
    static MxResolver at(InetSocketAddress server, Dnssec dnssec) {
        return DnsMxResolver.at(server, dnssec);
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.codec.Capabilities;

/**
 * What the server of a session is and offers, looked up once in its reply to EHLO or LHLO.
 *
 * @param remote as outcomes tell it
 * @param lmtp whether it answers for each recipient after end of data, and delivers rather than relays. RFC 2033 §4.2
 * @param pipelining whether commands may go before the replies to those before them. RFC 2920 §3.1
 * @param chunking whether content may go by BDAT. RFC 3030 §2
 * @param maxTransactions MAILMAX of LIMITS. RFC 9422 §4
 * @param maxRecipients RCPTMAX of LIMITS. RFC 9422 §4
 * @param maxDomains RCPTDOMAINMAX of LIMITS. RFC 9422 §4
 */
record Offer(
        RemoteHost remote,
        Capabilities capabilities,
        OfferedParameters parameters,
        boolean lmtp,
        boolean pipelining,
        boolean chunking,
        int maxTransactions,
        int maxRecipients,
        int maxDomains) {

    static Offer of(RemoteHost host, Capabilities capabilities, boolean lmtp) {
        return new Offer(
                new RemoteHost(host.name(), host.address(), host.tls(), capabilities.extensions()),
                capabilities,
                new OfferedParameters(capabilities),
                lmtp,
                capabilities.has(Extension.PIPELINING),
                capabilities.has(Extension.CHUNKING),
                capabilities.maxTransactions().orElse(Integer.MAX_VALUE),
                capabilities.maxRecipients().orElse(Integer.MAX_VALUE),
                capabilities.maxRecipientDomains().orElse(Integer.MAX_VALUE));
    }
}

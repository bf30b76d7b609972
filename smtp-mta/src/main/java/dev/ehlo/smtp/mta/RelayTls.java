package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.client.Dnssec;
import java.util.Optional;

/**
 * What mail exchangers of other domains have to prove.
 *
 * @param dnssec whose word counts for what their TLSA records are
 * @param mtaSts whether they are held to their domains' policies of MTA-STS
 * @param reports whom reports on TLS to their domains are from; empty if none are made
 */
record RelayTls(Dnssec dnssec, boolean mtaSts, Optional<Mailbox> reports) {
    /** What holds unless told otherwise. */
    static final RelayTls STANDARD = new RelayTls(Dnssec.standard(), true, Optional.empty());
}

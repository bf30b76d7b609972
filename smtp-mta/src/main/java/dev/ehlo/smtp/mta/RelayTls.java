package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.Dnssec;

/**
 * What mail exchangers of other domains have to prove.
 *
 * @param dnssec whose word counts for what their TLSA records are
 * @param mtaSts whether they are held to their domains' policies of MTA-STS
 */
record RelayTls(Dnssec dnssec, boolean mtaSts) {
    /** What holds unless told otherwise. */
    static final RelayTls STANDARD = new RelayTls(Dnssec.standard(), true);
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.client.Dnssec;

/**
 * What mail exchangers of other domains have to prove.
 *
 * @param dnssec whose word counts for what their TLSA records are
 */
record RelayTls(Dnssec dnssec) {
    /** What holds unless told otherwise. */
    static final RelayTls STANDARD = new RelayTls(Dnssec.standard());
}

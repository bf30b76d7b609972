package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;

/**
 * What DNS says of a domain, and its server of policies.
 *
 * @param hasMx whether hosts are named by MX records; else it is its own host, if any
 */
public record DomainFacts(
        String name,
        MxAnswer mx,
        boolean hasMx,
        StsReport sts,
        TlsReportRecord tlsRpt,
        SrvAnswer submissions,
        SrvAnswer submission) {}

package dev.ehlo.smtp.client;

import org.xbill.DNS.Name;

/** What is asked of DNS: a name, however it is written, and a type of records. */
record DnsQuestion(Name name, int type) {}

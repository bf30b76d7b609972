package dev.ehlo.smtp.client;

/** Types of records of DNS that tell something of mail. */
public enum RecordType {
    /** An IPv4 address. RFC 1035 §3.4.1. */
    A,
    /** An IPv6 address. RFC 3596 §2.1. */
    AAAA,
    /** The name of an address. RFC 1035 §3.3.12. */
    PTR,
    /** By which certificate a service is known. RFC 6698 §2. */
    TLSA,
    /** Text, such as that of MTA-STS and of TLS reports. RFC 1035 §3.3.14. */
    TXT
}

package dev.ehlo.smtp.client;

import org.xbill.DNS.Compression;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSInput;
import org.xbill.DNS.DNSOutput;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Tokenizer;

/** A record of any type with any octets in it, as a server of DNS can send it. */
final class RawRecord extends Record {
    private static final long serialVersionUID = 1;

    private final transient byte[] octets;

    RawRecord(String name, int type, byte[] octets) throws TextParseException {
        super(Name.fromString(name, Name.root), type, DClass.IN, 60);
        this.octets = octets.clone();
    }

    @Override
    protected void rrToWire(DNSOutput out, Compression compression, boolean canonical) {
        out.writeByteArray(octets);
    }

    @Override
    protected void rrFromWire(DNSInput in) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected String rrToString() {
        return "";
    }

    @Override
    protected void rdataFromString(Tokenizer tokens, Name origin) {
        throw new UnsupportedOperationException();
    }
}

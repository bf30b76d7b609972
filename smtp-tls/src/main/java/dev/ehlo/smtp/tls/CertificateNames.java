package dev.ehlo.smtp.tls;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;

/**
 * For whom a certificate is issued: the host names and addresses among its subjectAltNames. The common name is looked at
 * where DANE says so, and else not (RFC 9525 §2). What it says in words is a peer's data made fit for a log.
 */
final class CertificateNames {
    /** Names that are looked at, and that no certificate of the real world comes near. */
    private static final int MAX_NAMES = 1000;
    /** Names that are told. */
    private static final int SHOWN_NAMES = 3;
    /** Characters of a name that are told. */
    private static final int SHOWN_CHARACTERS = 64;

    private final List<String> hosts = new ArrayList<>();
    private final List<byte[]> addresses = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();
    private final List<String> commonNames;

    private CertificateNames(X509Certificate certificate) {
        for (List<?> name : subjectAltNames(certificate)) {
            if (name.get(1) instanceof String text && shown.size() < MAX_NAMES) {
                add((Integer) name.get(0), text);
            }
        }
        commonNames = commonNames(certificate.getSubjectX500Principal());
    }

    static CertificateNames of(X509Certificate certificate) {
        return new CertificateNames(certificate);
    }

    private void add(int kind, String text) {
        if (kind == GeneralName.dNSName) {
            hosts.add(HostNames.comparable(text));
            shown.add(text);
        } else if (kind == GeneralName.iPAddress) {
            addresses.add(octets(text));
            shown.add(text);
        }
    }

    /** Whether it is issued for that host name, or address. RFC 9525 §6.3, §6.4. */
    boolean include(String name) {
        return HostNames.isAddress(name) ? includeAddress(name) : anyMatches(hosts, name);
    }

    /** As {@link #include}, or else, where it names no host at all, by its common name. RFC 7672 §3.2.3. */
    boolean includeOrAreCommonly(String name) {
        return include(name) || hosts.isEmpty() && !HostNames.isAddress(name) && anyMatches(commonNames, name);
    }

    private boolean includeAddress(String name) {
        byte[] wanted = octets(name);
        return wanted.length > 0 && addresses.stream().anyMatch(a -> Arrays.equals(a, wanted));
    }

    private static boolean anyMatches(List<String> patterns, String name) {
        String wanted = HostNames.comparable(name);
        return patterns.stream().anyMatch(p -> HostNames.matches(HostNames.comparable(p), wanted));
    }

    /** {@code a.example, b.example and 7 more}; {@code no host} if there is none. */
    @Override
    public String toString() {
        if (shown.isEmpty()) {
            return commonNames.isEmpty() ? "no host" : "no host (but commonly named " + shown(commonNames.get(0)) + ')';
        }
        String first =
                shown.stream().limit(SHOWN_NAMES).map(CertificateNames::shown).collect(Collectors.joining(", "));
        return shown.size() > SHOWN_NAMES ? first + " and " + (shown.size() - SHOWN_NAMES) + " more" : first;
    }

    /** Who that is in a few words: the common name, or else the whole name. */
    static String shown(X500Principal name) {
        List<String> commonly = commonNames(name);
        String whole = name.getName();
        return commonly.isEmpty() ? whole.isEmpty() ? "nobody" : shown(whole) : shown(commonly.get(0));
    }

    static String shown(String text) {
        String escaped = Escaped.text(text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) : text);
        return escaped.length() > SHOWN_CHARACTERS ? escaped.substring(0, SHOWN_CHARACTERS) + "..." : escaped;
    }

    private static Collection<List<?>> subjectAltNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException e) {
            return List.of(); // names that cannot be read are nobody's
        }
    }

    private static List<String> commonNames(X500Principal name) {
        List<String> names = new ArrayList<>();
        for (RDN rdn : X500Name.getInstance(name.getEncoded()).getRDNs(BCStyle.CN)) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals(BCStyle.CN) && part.getValue() instanceof ASN1String text) {
                    names.add(text.getString());
                }
            }
        }
        return names;
    }

    /** The octets of an address, of which nothing is looked up; none if it is no address. */
    private static byte[] octets(String address) {
        try {
            GeneralName name = new GeneralName(GeneralName.iPAddress, address);
            return ASN1OctetString.getInstance(name.getName()).getOctets();
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }
}

package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.sasl.SaslPrep;
import java.text.Normalizer;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The one form of all ways to write a login, by which it is counted: without regard to case, to what is invisible and to
 * forms of characters that SASLprep makes one, and with or without a local domain. Immutable. RFC 4013 §2.
 */
public final class LoginNames {
    private final Set<String> localDomains;
    private final UnaryOperator<String> canonical;

    /**
     * @param localDomains that a login may be written with, in ASCII
     * @param canonical of the authenticator, of a login that is prepared
     */
    public LoginNames(Set<String> localDomains, UnaryOperator<String> canonical) {
        this.localDomains = Set.copyOf(localDomains);
        this.canonical = canonical;
    }

    /** The form of that login, which is as a client has written it. */
    public String of(String login) {
        String one = canonical.apply(SaslPrep.prepare(login).orElse(login));
        int at = one.lastIndexOf('@');
        boolean local = at > 0 && localDomains.contains(DomainGrammar.toAscii(one.substring(at + 1)));
        String name = local ? one.substring(0, at) : one;
        return Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    }
}

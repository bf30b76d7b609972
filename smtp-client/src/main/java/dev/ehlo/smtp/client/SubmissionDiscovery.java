package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the smarthosts of a domain's users by its SRV records: those with TLS from the first octet, then those with
 * STARTTLS. TLS is required of all of them. Who forges DNS could name hosts of his own, with good certificates, and be
 * given the password; so by which name a certificate is judged depends on where the host's name is from:
 *
 * <pre>
 *     DNSSEC proves the record             the host's
 *     the host is the domain, or below it  the host's
 *     the caller has confirmed the host    the host's
 *     else                                 the domain's
 * </pre>
 *
 * RFC 6186 §6, RFC 8314 §5.1. Immutable, thread-safe.
 *
 * <pre>{@code
 * List<Smarthost> found = SubmissionDiscovery.by(SrvResolver.system()).of("example.org").toCompletableFuture().join();
 * client.to(found.stream().map(each -> each.login("user@example.org", secret)).toList());
 * }</pre>
 */
public final class SubmissionDiscovery {
    /** Smarthosts that are told of one domain. */
    static final int MAX_SMARTHOSTS = SmtpClient.MAX_WAYS;

    private static final Logger LOG = LoggerFactory.getLogger(SubmissionDiscovery.class);

    private final SrvResolver resolver;
    private final Predicate<String> confirmed;
    private final RandomGenerator random;

    private SubmissionDiscovery(SrvResolver resolver, Predicate<String> confirmed, RandomGenerator random) {
        this.resolver = resolver;
        this.confirmed = confirmed;
        this.random = random;
    }

    /** By that resolver, with no host confirmed. */
    public static SubmissionDiscovery by(SrvResolver resolver) {
        return new SubmissionDiscovery(resolver, host -> false, new Random());
    }

    /**
     * The same, where hosts that it says yes to may have their own certificate though they are not the domain's: such as a
     * user has agreed to, or that are known to serve others.
     *
     * @param hosts is asked, from any thread, by the host's name in lower case and without a dot at the end
     */
    public SubmissionDiscovery confirming(Predicate<String> hosts) {
        return new SubmissionDiscovery(resolver, hosts, random);
    }

    SubmissionDiscovery random(RandomGenerator other) {
        return new SubmissionDiscovery(resolver, confirmed, other);
    }

    /**
     * The smarthosts in the order in which to try them, for {@link SmtpClient#to(List)}; none if the domain names none,
     * or says that it has none. Fails with an {@link IOException} if none is known and a look-up failed.
     *
     * @param domain that of the user's address
     */
    public CompletionStage<List<Smarthost>> of(String domain) {
        CompletableFuture<SrvAnswer> implicit = ask(SrvResolver.SUBMISSIONS, domain);
        CompletableFuture<SrvAnswer> startTls = ask(SrvResolver.SUBMISSION, domain);
        return implicit.thenCombine(startTls, List::of).thenCompose(answers -> {
            List<Smarthost> found = new ArrayList<>();
            add(domain, TlsMode.IMPLICIT, answers.get(0), found);
            add(domain, TlsMode.STARTTLS, answers.get(1), found);
            if (found.isEmpty() && answers.stream().anyMatch(SrvAnswer.TemporaryFailure.class::isInstance)) {
                return CompletableFuture.failedFuture(new IOException(
                        "the submission service of " + Octets.printable(domain) + " can't be looked up"));
            }
            return CompletableFuture.completedFuture(
                    List.copyOf(found.subList(0, Math.min(found.size(), MAX_SMARTHOSTS))));
        });
    }

    private CompletableFuture<SrvAnswer> ask(String service, String domain) {
        CompletionStage<SrvAnswer> answer;
        try {
            answer = resolver.resolve(service, domain);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        return answer.exceptionally(e -> {
                    LOG.debug("the resolver failed for {}", Octets.printable(domain), e);
                    return new SrvAnswer.TemporaryFailure();
                })
                .toCompletableFuture();
    }

    private void add(String domain, TlsMode mode, SrvAnswer answer, List<Smarthost> found) {
        if (answer instanceof SrvAnswer.Targets targets) {
            for (SrvTarget each : SrvTarget.inOrder(targets.targets(), random)) {
                String host = DomainGrammar.withoutRoot(each.host()).toLowerCase(Locale.ROOT);
                try {
                    Smarthost smarthost =
                            Smarthost.submission(host).port(each.port()).tls(mode);
                    found.add(isTrusted(host, domain, targets) ? smarthost : smarthost.certifiedAs(ascii(domain)));
                } catch (IllegalArgumentException e) {
                    LOG.debug("no host of {}: {}", Octets.printable(domain), Octets.printable(each.toString()), e);
                }
            }
        }
    }

    /** Whether the host is one of the domain's users by more than the word of an unsigned answer. */
    private boolean isTrusted(String host, String domain, SrvAnswer.Targets targets) {
        String own = ascii(domain);
        return targets.isSecure() || DomainGrammar.isWithin(host, own) || confirmed.test(host);
    }

    private static String ascii(String domain) {
        return DomainGrammar.withoutRoot(DomainGrammar.toAscii(domain)).toLowerCase(Locale.ROOT);
    }
}

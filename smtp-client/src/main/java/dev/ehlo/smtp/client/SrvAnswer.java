package dev.ehlo.smtp.client;

import java.util.List;

/** What DNS says of which hosts serve a domain. RFC 2782. */
public sealed interface SrvAnswer {
    /**
     * These hosts.
     *
     * @param targets in any order, one at least; {@link SrvTarget#inOrder} says which is to be tried first
     * @param isSecure whether DNSSEC proves that they serve the domain
     */
    record Targets(List<SrvTarget> targets, boolean isSecure) implements SrvAnswer {
        /**
         * Copies the list.
         *
         * @throws IllegalArgumentException if there is none
         */
        public Targets {
            targets = List.copyOf(targets);
            if (targets.isEmpty()) {
                throw new IllegalArgumentException("no target");
            }
        }
    }

    /** The domain has no such service, and says so: its only target is the root. */
    record NotAvailable() implements SrvAnswer {}

    /** The domain says nothing of it, or there is no such domain. */
    record None() implements SrvAnswer {}

    /** DNS does not know at the moment, or the answer is forged. */
    record TemporaryFailure() implements SrvAnswer {}
}

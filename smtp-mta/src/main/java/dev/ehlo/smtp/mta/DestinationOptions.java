package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.MailQueueBuilder;
import dev.ehlo.smtp.queue.SuppressionPolicy;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options that say how much a destination may get, and who gets nothing any more; the rest is {@link
 * LanePolicy#STANDARD}.
 */
final class DestinationOptions {
    @Option(
            names = "--destination-window",
            paramLabel = "N",
            description =
                    "Attempts at a time to a destination, that is a domain, domains with the same mail exchangers, or "
                            + "the smarthost, at most; fewer where it takes fewer (default: 20, and 100 to a smarthost, but "
                            + "3 to microsoft365).")
    private @Nullable Integer window;

    @Option(
            names = "--destination-rate",
            paramLabel = "N/TIME",
            description =
                    "Attempts to a destination, each a mail transaction, within a time, as 60/m or 2000/d; off for "
                            + "any number, the default but for microsoft365, whose is 30/m.")
    private @Nullable String rate;

    @Option(
            names = "--destination-recipients",
            paramLabel = "N",
            description = "Recipients of a mail transaction at most; the others of a message go by further ones "
                    + "(default: 1000).")
    private @Nullable Integer recipients;

    @Option(
            names = "--suppress-after",
            paramLabel = "N/TIME",
            description = "Deliver nothing more to a mailbox of which hosts have said so many times within a time that "
                    + "there is no such one, as 3/30d (default: not by itself; see ./ehlo queue suppress).")
    private @Nullable String suppressAfter;

    @Option(
            names = "--suppress-for",
            paramLabel = "TIME",
            defaultValue = "90d",
            description = "For how long then (default: ${DEFAULT-VALUE}).")
    private String suppressFor;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    DestinationOptions() {}

    /** @throws IllegalArgumentException if one of them is none */
    LanePolicy policy(Optional<Service> smarthost) {
        LanePolicy policy = smarthost.map(Service::limits).orElse(LanePolicy.STANDARD);
        if (window != null) {
            int most = within("--destination-window", window, MailQueueBuilder.ATTEMPTS);
            policy = policy.window(smarthost.isPresent() ? most : Math.min(policy.first(), most), 1, most);
        }
        if (rate != null) {
            Rate attempts = rate("--destination-rate", rate);
            try {
                policy = policy.rates(attempts, policy.recipientRate());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--destination-rate: not up to 1000000 in up to 30d: " + rate, e);
            }
        }
        return recipients == null
                ? policy
                : policy.recipients(within("--destination-recipients", recipients, LanePolicy.MOST_RECIPIENTS));
    }

    /** @throws IllegalArgumentException if one of them is none */
    Optional<SuppressionPolicy> suppression() {
        if (suppressAfter == null) {
            return Optional.empty();
        }
        Rate failures = rate("--suppress-after", suppressAfter);
        if (failures.equals(Rate.UNLIMITED)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SuppressionPolicy(failures.events(), failures.within(), Amount.time(suppressFor)));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "--suppress-for: not a time such as 90d, up to 100 years: " + suppressFor, e);
        }
    }

    private static int within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(option + ": not a number from 1 to " + most + ": " + value);
        }
        return value;
    }

    private static Rate rate(String option, String text) {
        try {
            return Rate.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option + ": not a rate such as 60/m: " + text, e);
        }
    }
}

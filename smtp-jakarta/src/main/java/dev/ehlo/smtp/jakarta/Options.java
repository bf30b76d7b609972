package dev.ehlo.smtp.jakarta;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The properties of a session for one protocol. Each is read when it is asked for, as programs change them. */
final class Options {
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Session session;
    private final String prefix;

    /** Those of {@code mail.PROTOCOL.}. */
    Options(Session session, String protocol) {
        this.session = session;
        this.prefix = "mail." + protocol + '.';
    }

    String nameOf(String option) {
        return prefix + option;
    }

    /** Where the session wants to see what is said, if it does. */
    @Nullable
    PrintStream debug() {
        return session.getDebug() ? session.getDebugOut() : null;
    }

    /** An option as text; empty if it is not set, or set to nothing. */
    Optional<String> text(String option) {
        return Optional.ofNullable(value(nameOf(option))).map(Object::toString).filter(v -> !v.isEmpty());
    }

    boolean isSet(String option) {
        return text(option).isPresent();
    }

    /** True only by "true", if it is false by itself, and false only by "false", if it is not: as Jakarta Mail has it. */
    boolean is(String option, boolean otherwise) {
        return isTrue(nameOf(option), otherwise);
    }

    /** The same of a property of that whole name. */
    boolean isTrue(String property, boolean otherwise) {
        Object value = value(property);
        if (value == null) {
            return otherwise;
        }
        return otherwise
                ? !value.toString().equalsIgnoreCase("false")
                : value.toString().equalsIgnoreCase("true");
    }

    /** @throws MessagingException if it is no number */
    int number(String option, int otherwise) throws MessagingException {
        String text = text(option).orElse(null);
        if (text == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(text.trim());
        } catch (NumberFormatException e) {
            throw wrong(option, "is not a number", e);
        }
    }

    /**
     * An option in milliseconds, and no more than a day; not above zero is no limit, as if it was not set.
     *
     * @throws MessagingException if it is no number
     */
    Duration time(String option, Duration otherwise) throws MessagingException {
        int millis = number(option, 0);
        Duration time = Duration.ofMillis(millis);
        return millis <= 0 ? otherwise : time.compareTo(LONGEST) < 0 ? time : LONGEST;
    }

    /** That an option is of no use. Its value may be a secret, or hold what moves text about, and is not shown. */
    MessagingException wrong(String option, String why) {
        return wrong(option, why, null);
    }

    /** The same, with what it came by. */
    MessagingException wrong(String option, String why, @Nullable Exception cause) {
        return new MessagingException(nameOf(option) + ' ' + why, cause);
    }

    /** A value need not be a String, and defaults count. */
    private @Nullable Object value(String property) {
        Object value = session.getProperties().get(property);
        return value != null ? value : session.getProperty(property);
    }
}

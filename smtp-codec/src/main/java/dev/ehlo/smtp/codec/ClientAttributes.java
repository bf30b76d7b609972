package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.Xtext;
import java.net.InetAddress;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The argument of one XCLIENT or XFORWARD: what a trusted proxy or filter tells of the client that it speaks for.
 * Postfix's XCLIENT_README and XFORWARD_README. Whoever may send it chooses its address and login: take it from those
 * only who are configured to be trusted.
 *
 * @param verb {@link Verb#XCLIENT} or {@link Verb#XFORWARD}
 * @param values as they are meant, not in xtext, of 255 characters at most; {@link #UNAVAILABLE} and {@link
 *     #TEMPUNAVAIL} are in upper case. At least one; those not there are to be left as they were
 */
public record ClientAttributes(Verb verb, Map<ClientAttribute, String> values) {
    /** In place of a value: the sender does not know it. */
    public static final String UNAVAILABLE = "[UNAVAILABLE]";
    /** In place of a value: the sender does not know it for now, as after a failed look-up. */
    public static final String TEMPUNAVAIL = "[TEMPUNAVAIL]";
    /** Characters of a value. */
    public static final int MAX_VALUE = 255;
    /**
     * Checks each value, and puts in upper case what is compared without regard to it.
     *
     * @throws IllegalArgumentException if a value is not of its attribute's form, the command does not have the
     *     attribute, or there is none
     */
    public ClientAttributes {
        if (values.isEmpty() || verb != Verb.XCLIENT && verb != Verb.XFORWARD) {
            throw new IllegalArgumentException("not attributes of a command: " + verb);
        }
        Map<ClientAttribute, String> checked = new EnumMap<>(ClientAttribute.class);
        for (Map.Entry<ClientAttribute, String> entry : values.entrySet()) {
            String value = entry.getKey().normalized(entry.getValue());
            if (!entry.getKey().isValid(verb, value)) {
                throw new IllegalArgumentException(
                        "not for " + verb + ": " + entry.getKey() + '=' + Octets.printable(entry.getValue()));
            }
            checked.put(entry.getKey(), value);
        }
        values = Collections.unmodifiableMap(checked);
    }

    /**
     * The attributes in the argument of a command ({@link Command#copyArgument()}); empty if it is malformed, which is
     * answered with 501.
     *
     * @throws IllegalArgumentException if the verb is neither XCLIENT nor XFORWARD
     */
    public static Optional<ClientAttributes> parse(Verb verb, String argument) {
        if (verb != Verb.XCLIENT && verb != Verb.XFORWARD) {
            throw new IllegalArgumentException("no attributes: " + verb);
        }
        Map<ClientAttribute, String> values = new EnumMap<>(ClientAttribute.class);
        int at = 0;
        // An attribute stands once, so that there are no more rounds than attributes.
        while (at <= argument.length()) {
            int space = argument.indexOf(' ', at);
            int end = space < 0 ? argument.length() : space;
            int equals = argument.indexOf('=', at);
            ClientAttribute attribute = equals < 0 || equals > end ? null : attribute(argument.substring(at, equals));
            if (attribute == null || values.containsKey(attribute)) {
                return Optional.empty();
            }
            Optional<String> value = decoded(argument.substring(equals + 1, end))
                    .map(attribute::normalized)
                    .filter(decoded -> attribute.isValid(verb, decoded));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            values.put(attribute, value.get());
            at = end + 1;
        }
        return Optional.of(new ClientAttributes(verb, values));
    }

    /** The value, if it was given and is known. */
    public Optional<String> value(ClientAttribute attribute) {
        return Optional.ofNullable(values.get(attribute)).filter(value -> !isReserved(value));
    }

    /** Whether it was said that the value is not known, now or at all: what was known of it is to be forgotten. */
    public boolean isUnavailable(ClientAttribute attribute) {
        String value = values.get(attribute);
        return value != null && isReserved(value);
    }

    /** The address of ADDR or DESTADDR, if it is known; made without a look-up of names. */
    public Optional<InetAddress> toAddress(ClientAttribute attribute) {
        return value(attribute).flatMap(attribute::toAddress);
    }

    /** The number of PORT or DESTPORT, if it is known. */
    public OptionalInt toPort(ClientAttribute attribute) {
        int port = value(attribute).map(attribute::toPort).orElse(-1);
        return port < 0 ? OptionalInt.empty() : OptionalInt.of(port);
    }

    /** As it stands behind the verb: {@code NAME=client.example ADDR=192.0.2.1}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        values.forEach((attribute, value) -> text.append(text.length() == 0 ? "" : " ")
                .append(attribute)
                .append('=')
                .append(Xtext.encode(value)));
        return text.toString();
    }

    private static @Nullable ClientAttribute attribute(String name) {
        for (ClientAttribute attribute : ClientAttribute.values()) {
            if (Octets.lowerAscii(attribute.name()).equals(Octets.lowerAscii(name))) {
                return attribute;
            }
        }
        return null;
    }

    private static Optional<String> decoded(String xtext) {
        try {
            return Optional.of(Xtext.decode(xtext));
        } catch (IllegalArgumentException notXtext) {
            return Optional.empty();
        }
    }

    static boolean isReserved(String value) {
        return value.equals(UNAVAILABLE) || value.equals(TEMPUNAVAIL);
    }
}

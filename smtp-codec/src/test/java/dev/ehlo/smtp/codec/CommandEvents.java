package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Mailbox;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the parser makes of octets that come in pieces, with everything that a view tells. */
final class CommandEvents {
    /** One result; what does not belong to the verb is empty. */
    record Event(
            ParseResult result,
            Verb verb,
            @Nullable CommandError error,
            String line,
            @Nullable Mailbox path,
            EsmtpParameters parameters,
            Map<EsmtpKeyword, Long> numbers,
            long chunkOctets,
            boolean last,
            String mechanism,
            @Nullable String initialResponse) {

        static final Event OVERLONG = new Event(
                ParseResult.OVERLONG,
                Verb.UNKNOWN,
                null,
                "",
                null,
                EsmtpParameters.NONE,
                Map.of(),
                -1,
                false,
                "",
                null);

        static Event malformed(Verb verb, CommandError error, String line, long chunkOctets, boolean last) {
            return new Event(
                    ParseResult.MALFORMED,
                    verb,
                    error,
                    line,
                    null,
                    EsmtpParameters.NONE,
                    Map.of(),
                    chunkOctets,
                    last,
                    "",
                    null);
        }

        static Event plain(Verb verb, String line) {
            return new Event(
                    ParseResult.COMPLETE, verb, null, line, null, EsmtpParameters.NONE, Map.of(), -1, false, "", null);
        }

        static Event path(
                Verb verb,
                String line,
                @Nullable Mailbox path,
                List<EsmtpParameter> parameters,
                Map<EsmtpKeyword, Long> numbers) {
            return new Event(
                    ParseResult.COMPLETE,
                    verb,
                    null,
                    line,
                    path,
                    new EsmtpParameters(parameters),
                    numbers,
                    -1,
                    false,
                    "",
                    null);
        }

        static Event chunk(String line, long octets, boolean last) {
            return new Event(
                    ParseResult.COMPLETE,
                    Verb.BDAT,
                    null,
                    line,
                    null,
                    EsmtpParameters.NONE,
                    Map.of(),
                    octets,
                    last,
                    "",
                    null);
        }

        static Event auth(String line, String mechanism, @Nullable String initial) {
            return new Event(
                    ParseResult.COMPLETE,
                    Verb.AUTH,
                    null,
                    line,
                    null,
                    EsmtpParameters.NONE,
                    Map.of(),
                    -1,
                    false,
                    mechanism,
                    initial);
        }
    }

    private CommandEvents() {}

    /** Whole commands. */
    static List<Event> of(List<byte[]> pieces, boolean direct) {
        return of(pieces, direct, Set.of());
    }

    static List<Event> of(List<byte[]> pieces, boolean direct, Set<Leniency> leniencies) {
        CommandParser parser = new CommandParser(leniencies);
        Command command = new Command();
        List<Event> events = new ArrayList<>();
        boolean[] skipping = new boolean[1];
        Wire.receive(pieces, direct, in -> {
            while (true) {
                int position = in.position();
                ParseResult result = parser.parse(in, command);
                if (result == ParseResult.INCOMPLETE) {
                    assertThat(in.position() == position || skipping[0]).isTrue();
                    return;
                }
                assertThat(in.position()).isGreaterThan(position);
                skipping[0] = result == ParseResult.OVERLONG;
                Event event = event(result, command);
                // A view's text is stable until the next parse, whatever was read of it meanwhile.
                assertThat(event(result, command)).isEqualTo(event);
                events.add(event);
            }
        });
        return events;
    }

    static List<Event> of(String latin1) {
        return of(List.of(Wire.octets(latin1)), false);
    }

    private static Map<EsmtpKeyword, Long> numbers(Command command) {
        Map<EsmtpKeyword, Long> numbers = new EnumMap<>(EsmtpKeyword.class);
        for (EsmtpKeyword keyword : EsmtpKeyword.values()) {
            if (command.hasParameter(keyword)) {
                numbers.put(keyword, command.parameterNumber(keyword));
            }
        }
        return numbers;
    }

    private static Event event(ParseResult result, Command command) {
        String line = result == ParseResult.OVERLONG ? "" : command.copyLine();
        if (result == ParseResult.OVERLONG) {
            return Event.OVERLONG;
        }
        if (result == ParseResult.MALFORMED) {
            return Event.malformed(command.verb(), command.error(), line, command.chunkOctets(), command.isLastChunk());
        }
        assertThat(command.error()).isNull();
        assertThat(line)
                .isEqualTo(
                        command.hasArgument()
                                ? line.substring(
                                                0,
                                                line.length()
                                                        - command.copyArgument().length())
                                        + command.copyArgument()
                                : line);
        return switch (command.verb()) {
            case MAIL ->
                Event.path(
                        Verb.MAIL,
                        line,
                        command.toReversePath().mailbox(),
                        command.toParameters().list(),
                        numbers(command));
            case RCPT ->
                Event.path(
                        Verb.RCPT,
                        line,
                        command.toForwardPath(),
                        command.toParameters().list(),
                        numbers(command));
            case BDAT -> Event.chunk(line, command.chunkOctets(), command.isLastChunk());
            case AUTH -> Event.auth(line, command.copyMechanism(), command.copyInitialResponse());
            default -> Event.plain(command.verb(), line);
        };
    }
}

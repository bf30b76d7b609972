package dev.ehlo.smtp.testkit;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Plays one side of a script over a wire: sends what its side says, a flight at a time, and expects what the other says.
 * Used by one thread, once.
 */
final class Player {
    private static final byte[] CRLF = {'\r', '\n'};

    /** Divides the octets of a flight; flights are counted from 0. */
    interface Cut {
        Cut WHOLE = (flight, octets) -> List.of(octets);

        List<byte[]> parts(int flight, byte[] octets);
    }

    /** Told of what was expected and came, and of what is about to be sent. */
    interface Observer {
        Observer NONE = new Observer() {
            @Override
            public void received(byte[] octets) {}

            @Override
            public void sending(byte[] octets) {}
        };

        void received(byte[] octets);

        void sending(byte[] octets);
    }

    private final String name;
    private final List<Step> steps;
    private final Side us;
    private final Wire wire;
    private final Inbox inbox;
    private final Cut cut;
    private final Observer observer;
    private int flights;
    private @Nullable IOException sendFailure;

    Player(String name, List<Step> steps, Side us, Wire wire, Inbox inbox, Cut cut, Observer observer) {
        this.name = name;
        this.steps = steps;
        this.us = us;
        this.wire = wire;
        this.inbox = inbox;
        this.cut = cut;
        this.observer = observer;
    }

    /** What that side sends in this script, flight by flight. */
    static List<byte[]> flights(List<Step> steps, Side us) {
        List<byte[]> flights = new ArrayList<>();
        for (int at = 0; at < steps.size(); at++) {
            int end = endOfFlight(steps, us, at);
            if (end > at) {
                flights.add(flight(steps, us, at, end));
                at = end;
            }
        }
        return flights;
    }

    private static int endOfFlight(List<Step> steps, Side us, int first) {
        int end = first;
        while (end < steps.size() && Step.sentBy(us, steps.get(end)) != null) {
            end++;
        }
        return end;
    }

    private static byte[] flight(List<Step> steps, Side us, int first, int end) {
        ByteArrayOutputStream flight = new ByteArrayOutputStream();
        for (Step step : steps.subList(first, end)) {
            flight.writeBytes(requireNonNull(Step.sentBy(us, step)));
        }
        return flight.toByteArray();
    }

    /** @throws AssertionError if the other side does not keep to the script */
    void play() {
        int at = 0;
        while (at < steps.size()) {
            Step step = steps.get(at);
            int end = endOfFlight(steps, us, at);
            try {
                if (end > at) {
                    send(step, flight(steps, us, at, end));
                    at = end;
                } else {
                    play(step);
                    at++;
                }
            } catch (IOException | RuntimeException e) {
                throw failure(step.number(), Step.describe(step), e.toString(), e);
            }
        }
    }

    private void send(Step first, byte[] flight) throws IOException {
        expectNothing(first.number());
        if (wire.isClosed()) {
            throw failure(first.number(), "an open connection", "closed", null);
        }
        observer.sending(flight);
        try {
            wire.send(cut.parts(flights++, flight));
        } catch (IOException e) {
            // The peer may have closed on a part of the flight, rightly: what it is then expected to say decides.
            sendFailure = e;
        }
    }

    private void play(Step step) throws IOException {
        if (step instanceof Step.Line line) {
            expectLine(line);
        } else if (step instanceof Step.Raw raw) {
            expectOctets(raw);
        } else if (step instanceof Step.Closed closed) {
            if (closed.side() == us) {
                wire.close();
            } else {
                expectClosed(closed.number());
            }
        } else if (step instanceof Step.StartTls) {
            // A client's handshake may be at hand already; a server waits for it.
            if (us == Side.CLIENT ? !inbox.isDrained() : !inbox.isEmpty()) {
                throw failure(step.number(), "nothing more in clear", unread(), null);
            }
            wire.startTls();
        }
    }

    private void expectLine(Step.Line line) throws IOException {
        byte[] octets = inbox.takeLine();
        if (octets == null) {
            throw failure(line.number(), line.text(), unread(), sendFailure);
        }
        // Both as Latin-1, octet for character, so that what is not UTF-8 is compared too.
        String pattern = new String(line.text().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        if (!Wildcard.matches(pattern, new String(octets, StandardCharsets.ISO_8859_1))) {
            throw failure(line.number(), line.text(), Escapes.escape(octets), null);
        }
        observer.received(octets);
        observer.received(CRLF);
    }

    private void expectOctets(Step.Raw raw) throws IOException {
        byte[] octets = inbox.takeOctets(raw.octets().length);
        if (octets == null || !Arrays.equals(octets, raw.octets())) {
            String got = octets == null ? unread() : Escapes.escape(octets);
            throw failure(raw.number(), raw.escaped(), got, sendFailure);
        }
        observer.received(octets);
    }

    private void expectClosed(int number) throws IOException {
        if (inbox.takeOctets(inbox.peek().length + 1) != null || !inbox.isEmpty() || !wire.isClosed()) {
            throw failure(number, "a closed connection", unread(), null);
        }
    }

    /**
     * All that the peer said was in the script. Asked where the script goes on by our word: a server says nothing
     * unasked, whereas a client may pipeline.
     */
    private void expectNothing(int number) throws IOException {
        if (us == Side.CLIENT && !inbox.isDrained()) {
            throw failure(number, "no more replies before this line", unread(), null);
        }
    }

    /** Nothing is left that the script does not have. */
    void expectEnd() {
        int last = steps.isEmpty() ? 0 : steps.get(steps.size() - 1).number();
        try {
            if (inbox.isDrained()) {
                return;
            }
        } catch (IOException e) {
            throw failure(last, "nothing more", e.toString(), e);
        }
        throw failure(last, "nothing more", unread(), null);
    }

    private String unread() {
        return inbox.isEmpty() ? wire.isClosed() ? "closed" : "nothing" : Escapes.escape(inbox.peek());
    }

    private AssertionError failure(int number, String expected, String got, @Nullable Throwable cause) {
        return new AssertionError(
                name + ':' + number + ": in the role of the " + (us == Side.CLIENT ? "client" : "server")
                        + "\n  expected: " + expected + "\n       got: " + got,
                cause);
    }
}

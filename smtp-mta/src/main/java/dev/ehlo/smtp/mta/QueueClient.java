package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Asks the {@link ControlSocket} of a running server. */
record QueueClient(Path socket) {
    /** Until there is more of the answer: to resume waits for the disk. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    /** Takes the lines of an answer. */
    interface Taker {
        void take(String name, String value);
    }

    /** What the server says in a few words, by name. */
    Map<String, String> ask(String verb, Map<String, String> words) throws Failure {
        Map<String, String> said = new LinkedHashMap<>();
        ask(verb, words, said::put);
        return said;
    }

    /** As {@link #ask(String, Map)}, of an answer that is whole once it says so: answers what it says at its end. */
    Map<String, String> askForMany(String verb, Map<String, String> words, Taker taker) throws Failure {
        Map<String, String> end = new LinkedHashMap<>();
        ask(verb, words, (name, value) -> {
            if (name.equals(ControlSocket.END)) {
                end.putAll(ControlWords.read(List.of(value.split(" ", -1))));
            } else {
                taker.take(name, value);
            }
        });
        if (end.isEmpty()) {
            throw new Failure("the answer of the server at " + socket + " broke off");
        }
        return end;
    }

    private void ask(String verb, Map<String, String> words, Taker taker) throws Failure {
        boolean begun = false;
        try (ControlConnection connection = connect()) {
            connection.write(verb + (words.isEmpty() ? "" : " " + ControlWords.line(words)) + '\n');
            for (String line = read(connection); !line.isEmpty(); line = read(connection)) {
                if (line.startsWith(ControlSocket.FAILED)) {
                    throw new Failure(verb + ": " + line.substring(ControlSocket.FAILED.length()));
                } else if (begun) {
                    int space = line.indexOf(' ');
                    taker.take(line.substring(0, Math.max(space, 0)), line.substring(space + 1));
                } else if (!line.equals(ControlSocket.OK)) {
                    break;
                }
                begun = true;
            }
        } catch (IOException e) {
            throw new Failure("no answer from the server at " + socket + ": " + DataDirectory.reason(e), e);
        }
        if (!begun) {
            throw new Failure("no answer from the server at " + socket);
        }
    }

    private static String read(ControlConnection connection) throws IOException {
        return connection.readLine(ControlSocket.ANSWER_OCTETS);
    }

    private ControlConnection connect() throws IOException, Failure {
        SocketChannel channel;
        try {
            channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new Failure("no server to be reached at " + socket + ": " + e.getMessage(), e);
        }
        return new ControlConnection(channel, LONGEST);
    }
}

package dev.ehlo.smtp.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A server by lines: answers each command by the longest of its scripted beginnings that fits, or in the usual way.
 * What it was sent it keeps; what it says may be anything.
 */
final class LineServer {
    private final Map<String, String> scripted = new HashMap<>();
    private final List<String> commands = new ArrayList<>();
    private final StringBuilder pending = new StringBuilder();
    private final StringBuilder content = new StringBuilder();
    private String greeting = "220 mx.example.net ESMTP\r\n";
    private String capabilities = "";
    private Function<String, Optional<String>> answering = line -> Optional.empty();
    private boolean inContent;
    /** Octets left of a chunk. */
    private int chunk;

    LineServer greeting(String reply) {
        greeting = reply;
        return this;
    }

    /** Offers those extensions. */
    LineServer offering(String... keywords) {
        StringBuilder lines = new StringBuilder();
        for (String each : keywords) {
            lines.append("250-").append(each).append("\r\n");
        }
        capabilities = lines.toString();
        return this;
    }

    /** Answers lines that begin so; {@code .} is end of data. */
    LineServer on(String beginning, String reply) {
        scripted.put(beginning, reply);
        return this;
    }

    /** Answers each of the stages by the reply in its place; as usual where that is empty. */
    LineServer onEach(List<String> stages, List<String> replies) {
        for (int i = 0; i < stages.size(); i++) {
            if (!replies.get(i).isEmpty()) {
                on(stages.get(i), replies.get(i));
            }
        }
        return this;
    }

    /** Answers as that says, but where it says nothing. */
    LineServer answering(Function<String, Optional<String>> how) {
        answering = how;
        return this;
    }

    String greet() {
        return greeting;
    }

    /** What it says to that. */
    String take(byte[] octets) {
        pending.append(new String(octets, StandardCharsets.ISO_8859_1));
        StringBuilder replies = new StringBuilder();
        for (int end = nextEnd(); end >= 0; end = nextEnd()) {
            if (chunk > 0) {
                content.append(pending, 0, end);
                pending.delete(0, end);
                chunk -= end;
                replies.append(chunk > 0 ? "" : taken());
                continue;
            }
            String line = pending.substring(0, end);
            pending.delete(0, end + 2);
            if (!inContent) {
                commands.add(line);
                if (line.startsWith("BDAT ")) {
                    chunk = Integer.parseInt(line.split(" ", -1)[1]);
                    replies.append(chunk > 0 ? "" : taken());
                    continue;
                }
                String reply = reply(line);
                inContent = line.equals("DATA") && reply.startsWith("354");
                replies.append(reply);
            } else if (line.equals(".")) {
                inContent = false;
                replies.append(taken());
            } else {
                content.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            }
        }
        return replies.toString();
    }

    private String taken() {
        return scripted.getOrDefault(".", "250 2.0.0 taken\r\n");
    }

    private int nextEnd() {
        return chunk == 0 ? pending.indexOf("\r\n") : pending.length() == 0 ? -1 : Math.min(chunk, pending.length());
    }

    private String reply(String line) {
        Optional<String> answer = answering.apply(line);
        if (answer.isPresent()) {
            return answer.get();
        }
        String best = null;
        for (String beginning : scripted.keySet()) {
            if (line.startsWith(beginning) && (best == null || beginning.length() > best.length())) {
                best = beginning;
            }
        }
        if (best != null) {
            return scripted.get(best);
        }
        if (line.startsWith("EHLO")) {
            return "250-mx.example.net\r\n" + capabilities + "250 HELP\r\n";
        }
        return line.equals("DATA") ? "354 go\r\n" : line.equals("QUIT") ? "221 bye\r\n" : "250 ok\r\n";
    }

    List<String> commands() {
        return commands;
    }

    /** Without the dots that were stuffed. */
    String content() {
        return content.toString();
    }

    boolean isInContent() {
        return inContent;
    }
}

package dev.ehlo.smtp.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A server that is slow and obvious: takes octets as they come, keeps what it has taken, and does at each step what
 * chance says. What a client may not say to it is an {@link AssertionError}.
 */
final class ModelServer {
    /** What it does where it has a choice. */
    enum Does {
        RIGHT,
        REFUSE_FOR_NOW,
        REFUSE,
        SAY_421,
        CLOSE,
        TALK_NONSENSE
    }

    /** What it has taken, for whom. */
    record Taken(String sender, List<String> recipients, String content) {}

    final List<Taken> taken = new ArrayList<>();
    /** Codes by what they were said to: {@code MAIL s1@…}, {@code RCPT r1@…}, {@code END s1@…}. */
    final List<String> said = new ArrayList<>();

    private final Set<String> offered;
    private final boolean lmtp;
    private final boolean leavesOpenAfterRefusedChunk;
    private final boolean takesDataForNobody;
    private final int evil;
    private final Random chance;
    private final StringBuilder in = new StringBuilder();
    private final StringBuilder out = new StringBuilder();
    private final List<String> recipients = new ArrayList<>();
    private final StringBuilder content = new StringBuilder();
    private String sender = "";
    private boolean open;
    private boolean inData;
    private int chunk = -1;
    private boolean closed;
    private boolean outOfStep;

    /** @param evil in how many of a hundred steps it fails otherwise than by a reply, and refuses as often */
    ModelServer(Set<String> offered, boolean lmtp, int evil, Random chance) {
        this.offered = offered;
        this.lmtp = lmtp;
        this.evil = evil;
        this.chance = chance;
        this.leavesOpenAfterRefusedChunk = chance.nextBoolean();
        this.takesDataForNobody = chance.nextBoolean() && !lmtp;
        reply("220 hi");
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether it has said what no server should. */
    boolean isOutOfStep() {
        return outOfStep;
    }

    String takeOutput() {
        String octets = out.toString();
        out.setLength(0);
        return octets;
    }

    void take(byte[] octets) {
        in.append(new String(octets, StandardCharsets.ISO_8859_1));
        boolean goesOn = true;
        while (goesOn && !closed) {
            goesOn = chunk >= 0 ? chunk() : line();
        }
    }

    private boolean chunk() {
        if (in.length() < chunk) {
            return false;
        }
        content.append(in, 0, chunk);
        in.delete(0, chunk);
        chunk = -1;
        if (recipients.isEmpty()) {
            reply("503 nobody to have it");
            open = open && leavesOpenAfterRefusedChunk;
        } else {
            end(true);
        }
        return true;
    }

    private boolean line() {
        int end = in.indexOf("\r\n");
        if (end < 0) {
            return false;
        }
        String line = in.substring(0, end);
        in.delete(0, end + 2);
        if (inData) {
            if (line.equals(".")) {
                inData = false;
                end(false);
            } else {
                content.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
            }
        } else {
            command(line);
        }
        return true;
    }

    private void command(String line) {
        if (line.startsWith(lmtp ? "LHLO " : "EHLO ")) {
            out.append("250-mx.example.net\r\n");
            for (String each : offered) {
                out.append("250-").append(each).append("\r\n");
            }
            reply("250 HELP");
        } else if (line.equals("RSET")) {
            open = false;
            recipients.clear();
            reply("250 forgotten");
        } else if (line.startsWith("MAIL FROM:<")) {
            String from = line.substring(11, line.indexOf('>'));
            assertInStep(!open, "MAIL in a transaction: " + line);
            if (answer("MAIL " + from, chosen())) {
                sender = from;
                open = true;
                recipients.clear();
                content.setLength(0);
            }
        } else if (line.startsWith("RCPT TO:<")) {
            String to = line.substring(9, line.indexOf('>'));
            if (!open) {
                reply("503 no MAIL");
            } else if (answer("RCPT " + to, chosen())) {
                recipients.add(to);
            }
        } else if (line.equals("DATA")) {
            data();
        } else if (line.startsWith("BDAT ") && line.endsWith(" LAST")) {
            assertInStep(offered.contains("CHUNKING"), "BDAT is not offered");
            chunk = Integer.parseInt(line.split(" ", -1)[1]);
            content.setLength(0);
        } else if (line.equals("QUIT")) {
            reply("221 bye");
            closed = true;
        } else {
            throw new AssertionError("not a command: " + line);
        }
    }

    private void data() {
        if (recipients.isEmpty() && !(open && takesDataForNobody)) {
            reply("503 nobody to have it");
            return;
        }
        Does does = chosen();
        if (does == Does.RIGHT) {
            inData = true;
            content.setLength(0);
            reply("354 go");
        } else {
            answer("DATA " + sender, does);
        }
    }

    private void end(boolean isChunk) {
        open = false;
        List<String> answered = lmtp ? List.copyOf(recipients) : List.of(sender);
        boolean refused = false;
        for (String each : answered) {
            Does does = closed ? Does.CLOSE : chosen();
            boolean takes =
                    does == Does.RIGHT || (does == Does.CLOSE || does == Does.TALK_NONSENSE) && chance.nextBoolean();
            if (takes) {
                List<String> whom = lmtp ? List.of(each) : List.copyOf(recipients);
                taken.add(new Taken(sender, whom, content.toString()));
            }
            if (!closed) {
                answer("END " + each, does);
            }
            refused |= does == Does.REFUSE || does == Does.REFUSE_FOR_NOW;
        }
        taken.removeIf(each -> each.recipients().isEmpty());
        open = isChunk && refused && leavesOpenAfterRefusedChunk;
        recipients.clear();
    }

    private Does chosen() {
        int number = chance.nextInt(100);
        return number >= 2 * evil
                ? Does.RIGHT
                : number >= evil
                        ? chance.nextBoolean() ? Does.REFUSE : Does.REFUSE_FOR_NOW
                        : Does.values()[chance.nextInt(Does.values().length)];
    }

    private boolean answer(String to, Does does) {
        switch (does) {
            case RIGHT -> reply("250 ok");
            case REFUSE -> reply("550 5.7.1 no");
            case REFUSE_FOR_NOW -> reply("450 4.7.1 later");
            case SAY_421 -> {
                reply("421 4.3.2 bye");
                closed = true;
            }
            case CLOSE -> closed = true;
            case TALK_NONSENSE -> {
                reply("nonsense");
                outOfStep = true;
            }
        }
        said.add((does == Does.RIGHT
                        ? "250 "
                        : does == Does.REFUSE ? "550 " : does == Does.REFUSE_FOR_NOW ? "450 " : "- ")
                + to);
        return does == Does.RIGHT || does == Does.TALK_NONSENSE;
    }

    private void reply(String line) {
        out.append(line).append("\r\n");
    }

    private void assertInStep(boolean condition, String what) {
        if (!condition && !outOfStep) {
            throw new AssertionError(what);
        }
    }
}

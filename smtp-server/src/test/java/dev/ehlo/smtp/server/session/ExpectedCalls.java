package dev.ehlo.smtp.server.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What the handler of a modelled session and its sinks are to be asked, and are to answer. */
final class ExpectedCalls {
    /** The questions, and how sinks end, in order. */
    final List<String> log = new ArrayList<>();
    /** The answers to them. */
    final Deque<Turn.Act> script = new ArrayDeque<>();
    /** What the driver is told of that went wrong. */
    int mishaps;

    /** Asks the handler, who answers as the act says; 451 stands for what is no answer. */
    int ask(String question, Turn.Act act, int yes) {
        log.add(question);
        script.add(act);
        boolean refusable = question.startsWith("DATA ");
        switch (act.answer()) {
            case YES:
                return yes;
            case NO:
                logAbort(refusable);
                return 550;
            case ENDS:
                logAbort(refusable);
                return 421;
            case INTERMEDIATE:
                logAbort(refusable);
                mishaps++;
                return 451;
            default:
                mishaps++;
                return 451;
        }
    }

    /** A sink that was opened and refuses is let go. */
    private void logAbort(boolean opened) {
        if (opened) {
            log.add("ABORT");
        }
    }

    /** Asks where content goes; the sink that takes it fails at its first octet. */
    void askForBrokenSink(String question, Turn.Act act) {
        log.add(question);
        script.add(act);
        mishaps++;
        log.add("ABORT");
    }
}

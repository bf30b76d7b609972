package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.client.DialogueListener;
import java.io.PrintStream;

/** Shows what is said where {@code mail.debug} is set. Credentials are masked, content is told by its length. */
record DebugDialogue(PrintStream out) implements DialogueListener {
    @Override
    public void sent(String line) {
        out.println("DEBUG SMTP: C: " + line);
    }

    @Override
    public void received(String line) {
        out.println("DEBUG SMTP: S: " + line);
    }

    @Override
    public void secured(String how) {
        out.println("DEBUG SMTP: " + how);
    }
}

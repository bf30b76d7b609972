package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.client.DialogueListener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a client said. */
final class Said implements DialogueListener {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void sent(String line) {
        lines.add(line);
    }

    @Override
    public void received(String line) {}

    List<String> lines() {
        return lines;
    }
}

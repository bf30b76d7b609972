package dev.ehlo.smtp.client;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps what a client tells of its sessions under TLS, with SUITE for the suite, which the JVM chooses. */
final class SecuredSessions implements DialogueListener {
    private final Queue<String> told = new ConcurrentLinkedQueue<>();

    List<String> told() {
        return List.copyOf(told);
    }

    @Override
    public void sent(String line) {}

    @Override
    public void received(String line) {}

    @Override
    public void secured(String how) {
        told.add(how.replaceFirst("TLS_AES_[A-Z0-9_]+", "SUITE"));
    }
}

package dev.ehlo.smtp.server;

import java.io.IOException;

/** The ways into a server: each profile, in each of the modes of TLS that it is attacked in. */
enum Entrance {
    MX_IN_CLEAR("mx"),
    MX_AFTER_STARTTLS("mx"),
    SUBMISSION("submission"),
    SUBMISSIONS("submissions");

    /** PLAIN, with what {@link TestServers#builder} knows. */
    static final String LOGIN = "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";

    private final String profile;

    Entrance(String profile) {
        this.profile = profile;
    }

    String profile() {
        return profile;
    }

    boolean isForUsers() {
        return this == SUBMISSION || this == SUBMISSIONS;
    }

    boolean isUnderTls() {
        return this != MX_IN_CLEAR;
    }

    /** Greeted, and under TLS where the entrance has it. */
    LineClient open(SmtpServer server) throws IOException {
        return open(LineClient.connect(server.address(profile)));
    }

    /** As {@link #open}, with a small receive buffer. */
    LineClient openNarrow(SmtpServer server) throws IOException {
        return open(LineClient.connectNarrow(server.address(profile)));
    }

    private LineClient open(LineClient client) throws IOException {
        if (this == SUBMISSIONS) {
            client.turnToTls();
            return client.expect("220 ");
        }
        client.expect("220 ");
        if (isUnderTls()) {
            client.send("STARTTLS\r\n").expect("220 ").turnToTls();
        }
        return client;
    }

    /** Greeted by name, and logged in where that is needed: MAIL may follow. */
    LineClient ready(SmtpServer server) throws IOException {
        return ready(open(server));
    }

    LineClient ready(LineClient opened) throws IOException {
        opened.send("EHLO client.example\r\n").expect("250-");
        if (isForUsers()) {
            opened.send(LOGIN).expect("235 ");
        }
        return opened;
    }
}

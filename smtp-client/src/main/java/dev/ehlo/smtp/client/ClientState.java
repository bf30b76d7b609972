package dev.ehlo.smtp.client;

/** Where a {@link ClientSession} stands, and in words what it waits for there. */
enum ClientState {
    GREETING("the greeting", false),
    EHLO("the reply to EHLO", true),
    HELO("the reply to HELO", true),
    STARTTLS("the reply to STARTTLS", true),
    AUTH("the reply to AUTH", true),
    SASL("the reply to the credentials", true),
    TRANSACTION("a reply", false),
    IDLE("another message", false),
    QUIT("the reply to QUIT", true),
    TURNING("TLS", false),
    OVER("nothing", false);

    final String waitingFor;
    /** Whether one command is sent in it, and its reply leads on. */
    final boolean isCommand;

    ClientState(String waitingFor, boolean isCommand) {
        this.waitingFor = waitingFor;
        this.isCommand = isCommand;
    }
}

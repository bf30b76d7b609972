package dev.ehlo.smtp.client;

/** Where a {@link ClientSession} stands, and in words what it waits for there. */
enum ClientState {
    GREETING("the greeting"),
    EHLO("the reply to EHLO"),
    HELO("the reply to HELO"),
    STARTTLS("the reply to STARTTLS"),
    AUTH("the reply to AUTH"),
    SASL("the reply to the credentials"),
    TRANSACTION("a reply"),
    IDLE("another message"),
    QUIT("the reply to QUIT"),
    TURNING("TLS"),
    OVER("nothing");

    final String waitingFor;

    ClientState(String waitingFor) {
        this.waitingFor = waitingFor;
    }
}

package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.client.HostileServer.Victim;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** A phase of a session, named by the reply that a server is about to give in it. */
enum HostilePhase {
    GREETING,
    STARTTLS,
    EHLO,
    AUTH,
    MAIL,
    RCPT,
    DATA,
    END_OF_DATA,
    QUIT;

    /** Whether there is that phase in that mode. */
    boolean isIn(TlsMode mode) {
        return this == STARTTLS ? mode == TlsMode.STARTTLS : this != GREETING || mode != TlsMode.STARTTLS;
    }

    /** What may become of a recipient where nothing in this phase was said as it should be. */
    Set<DeliveryStatus> outcomesOfNonsense() {
        return switch (this) {
            case END_OF_DATA -> Set.of(DeliveryStatus.UNKNOWN);
            case QUIT -> Set.of(DeliveryStatus.RELAYED);
            default -> Set.of(DeliveryStatus.NOT_SENT);
        };
    }

    /** A dialogue as it should be with a client that has a login and one recipient, up to the reply of this phase. */
    Victim reach(Victim victim, TlsMode mode, SSLContext tls, String offers) throws IOException {
        if (mode == TlsMode.IMPLICIT) {
            victim.startTls(tls);
        }
        if (this == GREETING) {
            return victim;
        }
        victim.say("220 mx.example\r\n").hear("EHLO ");
        if (mode == TlsMode.STARTTLS) {
            victim.say("250-mx.example\r\n250 STARTTLS\r\n").hear("STARTTLS");
            if (this == STARTTLS) {
                return victim;
            }
            victim.say("220 go\r\n").startTls(tls).hear("EHLO ");
        }
        return this == EHLO ? victim : afterEhlo(victim, "250-mx.example\r\n" + offers + "250 AUTH PLAIN\r\n");
    }

    private Victim afterEhlo(Victim victim, String capabilities) throws IOException {
        victim.say(capabilities).hear("AUTH PLAIN ");
        if (this == AUTH) {
            return victim;
        }
        victim.say("235 2.7.0 ok\r\n").hear("MAIL FROM:<a@example.org>");
        if (this == MAIL) {
            return victim;
        }
        victim.say("250 ok\r\n").hear("RCPT TO:<b@example.net>");
        if (this == RCPT) {
            return victim;
        }
        victim.say("250 ok\r\n").hear("DATA");
        if (this == DATA) {
            return victim;
        }
        victim.say("354 go\r\n").hear("Subject: x").hear("").hear(".");
        return this == END_OF_DATA ? victim : victim.say("250 2.0.0 taken\r\n").hear("QUIT");
    }
}

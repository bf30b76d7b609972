package dev.ehlo.smtp.mta.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a port does for users, and for the recipient that was asked about. RFC 4954, RFC 6409 §4.3. */
final class LoginRules {
    private LoginRules() {}

    static List<Finding> of(HostFacts host, PortFacts port) {
        List<Finding> findings = new ArrayList<>();
        String where = Where.of(host, port);
        boolean isKnown = port.tls().isUp() || port.tls().state() == TlsState.NOT_OFFERED;
        if (isKnown
                && port.auth().isEmpty()
                && (port.role().isForUsers() || port.login().isPresent())) {
            findings.add(Finding.wrong(
                    Problem.NO_AUTH,
                    where,
                    "no login (AUTH) is offered" + (port.tls().isUp() ? " under TLS" : "")
                            + ", so that no user can send",
                    "turn logins on for the port, or have users take the port that has them"));
        } else {
            port.login().flatMap(login -> of(login, where)).ifPresent(findings::add);
        }
        Optional<String> inClear = PortFacts.auth(port.inClear());
        if (port.tls().isUp() && inClear.isPresent()) {
            findings.add(Finding.advice(
                    Problem.AUTH_IN_CLEAR,
                    where,
                    "logins are offered before TLS, and careless clients send their password in clear",
                    "have the server offer AUTH under TLS alone"));
        }
        port.recipient().filter(each -> !each.isTaken()).ifPresent(each -> findings.add(recipient(each, where)));
        return findings;
    }

    /** What is wrong with the login alone. */
    static Optional<Finding> of(LoginFacts login, String where) {
        @Nullable
        Finding found = switch (login.state()) {
            case TAKEN -> null;
            case REFUSED ->
                Finding.wrong(
                        Problem.LOGIN_REFUSED,
                        where,
                        "the login is refused: " + Where.text(login.said()),
                        "correct user and password, or see whether the account wants a password for applications");
            case FAILED ->
                Finding.wrong(
                        Problem.LOGIN_FAILED,
                        where,
                        "the login came to nothing: " + Where.text(login.said()),
                        "look into what it says: no password was refused");
            case NOT_OWN ->
                Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "check the host by its own name, with its port, to say that it may have the password");
            case WITHHELD ->
                Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "mend that first, or say --insecure if whoever is there may have the password");
        };
        return Optional.ofNullable(found);
    }

    private static Finding recipient(RecipientFacts recipient, String where) {
        String said = Where.text(recipient.said());
        return recipient.code() / 100 == 4
                ? Finding.wrong(
                        Problem.RECIPIENT_LATER,
                        where,
                        "<" + Where.text(recipient.recipient()) + "> is not taken for now: " + said,
                        "try again in a quarter of an hour, as many servers have strangers wait")
                : Finding.wrong(
                        Problem.RECIPIENT_REFUSED,
                        where,
                        "<" + Where.text(recipient.recipient()) + "> is refused: " + said,
                        "correct the address, or mend what the reply says");
    }
}

package dev.ehlo.smtp.mta.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
            port.login().ifPresent(login -> login(login, where, findings));
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

    /** What came of the login alone. */
    static List<Finding> of(LoginFacts login, String where) {
        List<Finding> findings = new ArrayList<>();
        login(login, where, findings);
        return findings;
    }

    private static void login(LoginFacts login, String where, List<Finding> findings) {
        switch (login.state()) {
            case TAKEN -> {}
            case REFUSED ->
                findings.add(Finding.wrong(
                        Problem.LOGIN_REFUSED,
                        where,
                        "the login is refused: " + Where.text(login.said()),
                        "correct user and password, or see whether the account wants a password for applications"));
            case FAILED ->
                findings.add(Finding.wrong(
                        Problem.LOGIN_FAILED,
                        where,
                        "the login came to nothing: " + Where.text(login.said()),
                        "look into what it says: no password was refused"));
            case NOT_OWN ->
                findings.add(Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "check the host by its own name, with its port, to say that it may have the password"));
            case WITHHELD ->
                findings.add(Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "mend that first, or say --insecure if whoever is there may have the password"));
        }
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

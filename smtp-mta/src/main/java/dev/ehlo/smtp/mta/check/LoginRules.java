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

    /** What was asked for and could be done nowhere; where there is no port at all, why is said already. */
    static List<Finding> undone(Facts facts) {
        List<PortFacts> ports =
                facts.hosts().stream().flatMap(host -> host.ports().stream()).toList();
        List<Finding> findings = new ArrayList<>();
        String where = Where.text(facts.subject().name());
        if (facts.isLoginAsked()
                && !ports.isEmpty()
                && ports.stream().noneMatch(port -> port.login().isPresent())) {
            findings.add(Finding.wrong(
                    Problem.LOGIN_NOWHERE,
                    where,
                    "no login was tried, as no port for users that is open offers one (AUTH)",
                    "name the host where they log in, with its port, such as 587"));
        }
        boolean isAsked = facts.recipient().isEmpty()
                || ports.stream().anyMatch(port -> port.recipient().isPresent());
        if (!isAsked && !ports.isEmpty()) {
            findings.add(Finding.wrong(
                    Problem.RECIPIENT_UNKNOWN,
                    where,
                    "nobody was asked about <" + Where.text(facts.recipient())
                            + ">, as no port for mail from servers let anybody come so far",
                    "name the mail host with its port 25"));
        }
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
            case DEFERRED ->
                Finding.wrong(
                        Problem.LOGIN_FAILED,
                        where,
                        "the login is put off: " + Where.text(login.said()),
                        "look into what it says, and try again later: some servers lock an account for a while");
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
            case UNPROVEN ->
                Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "mend that first, or say --insecure if whoever is there may have the password");
            case WITHHELD ->
                Finding.wrong(
                        Problem.LOGIN_WITHHELD,
                        where,
                        "the login was not tried: " + Where.text(login.said()),
                        "mend that first, as passwords would go in clear");
        };
        return Optional.ofNullable(found);
    }

    private static Finding recipient(RecipientFacts recipient, String where) {
        String said = Where.text(recipient.said());
        if (recipient.code() == 0) {
            return Finding.wrong(
                    Problem.RECIPIENT_UNKNOWN,
                    where,
                    "whether <" + Where.text(recipient.recipient()) + "> is taken can't be said: " + said,
                    "look into the server's log, or wait longer (--timeout)");
        } else if (recipient.isOfSender()) {
            return Finding.wrong(
                    Problem.SENDER_REFUSED,
                    where,
                    "the sender (--from) is refused before the recipient is asked about: " + said,
                    "say another sender, or mend what the reply says");
        }
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

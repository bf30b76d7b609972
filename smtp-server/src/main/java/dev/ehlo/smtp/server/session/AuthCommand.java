package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.server.Refusal;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** AUTH, from the command to its final reply. RFC 4954 §4. */
final class AuthCommand {
    private final Conversation conversation;
    private @Nullable AuthDialogue dialogue;
    private Mechanism mechanism = Mechanism.PLAIN;

    AuthCommand(Conversation conversation) {
        this.conversation = conversation;
    }

    void begin(Command command) {
        if (!conversation.role.offersAuth()) {
            conversation.refuse(Replies.NOT_IMPLEMENTED);
            return;
        }
        if (conversation.info.login().isPresent()) {
            conversation.refuse(Replies.AUTH_ALREADY);
            return;
        }
        String name = command.copyMechanism();
        AuthDialogue begun = AuthDialogue.of(name);
        if (begun == null) {
            conversation.refuse(Replies.AUTH_UNKNOWN);
            return;
        }
        dialogue = begun;
        mechanism = Mechanism.of(name).orElseThrow();
        conversation.state = State.AUTH;
        if (command.hasInitialResponse()) {
            respond(begun, SaslLine.initialResponse(command));
        } else {
            conversation.send(begun.challenge());
        }
    }

    /** Takes a line of the dialogue, as the parser found it. */
    void line(ParseResult result, Command line) {
        AuthDialogue current = dialogue;
        if (current == null) {
            throw new IllegalStateException("no dialogue in " + conversation.state);
        }
        if (result == ParseResult.OVERLONG) {
            end();
            conversation.refuse(Replies.AUTH_LINE_TOO_LONG);
            return;
        }
        if (result == ParseResult.COMPLETE && SaslLine.isCancel(line)) {
            end();
            conversation.refuse(Replies.AUTH_CANCELLED);
        } else {
            respond(current, result == ParseResult.COMPLETE ? SaslLine.response(line) : Optional.empty());
        }
    }

    private void respond(AuthDialogue current, Optional<byte[]> message) {
        AuthDialogue.Outcome outcome = message.map(current::respond).orElse(AuthDialogue.Outcome.MALFORMED);
        message.ifPresent(octets -> Arrays.fill(octets, (byte) 0));
        if (outcome != AuthDialogue.Outcome.CHALLENGE) {
            end();
        }
        switch (outcome) {
            case CHALLENGE -> conversation.send(current.challenge());
            case MALFORMED -> conversation.refuse(Replies.AUTH_MALFORMED);
            case INVALID -> conversation.refuseLogin(current.login(), mechanism, Refusal.BAD_CREDENTIALS);
            case CREDENTIALS -> ask(current.login(), current.password());
        }
    }

    private void ask(String login, String password) {
        conversation.question = Question.ofBlocking(
                () -> conversation.role.server().authenticator().authenticate(login, password),
                identity -> answered(login, identity),
                () -> conversation.send(Replies.AUTH_UNAVAILABLE));
    }

    private void answered(String login, Optional<String> identity) {
        if (identity.isPresent()) {
            conversation.info = conversation.info.loggedIn(identity.get());
            conversation.driver.loggedIn(mechanism);
            conversation.send(Replies.AUTH_DONE);
        } else {
            conversation.refuseLogin(login, mechanism, Refusal.BAD_CREDENTIALS);
        }
    }

    private void end() {
        dialogue = null;
        conversation.state = State.READY;
    }
}

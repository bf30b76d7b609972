package dev.ehlo.smtp.server.session;

/**
 * One turn of a dialogue: what the client says, and how the handler answers if it is asked.
 *
 * @param say the command
 * @param act the handler's answer to it
 * @param content what comes after 354
 * @param end the sink's answer to the end of content
 */
record Turn(Say say, Act act, Content content, Act end) {
    /** How a handler, or a sink at its end, answers; a sink that {@code BREAKS} at its beginning can't be written to. */
    enum Answer {
        YES,
        NO,
        ENDS,
        INTERMEDIATE,
        NOTHING,
        NO_STAGE,
        THROWS,
        BREAKS
    }

    /**
     * An answer, and when it comes.
     *
     * @param late whether it comes in a stage that is not complete when it is returned, where one is returned
     */
    record Act(Answer answer, boolean late) {
        static final Act FINE = new Act(Answer.YES, false);
    }

    /** Content, as it is sent and as a sink is to get it. */
    enum Content {
        LETTER("Subject: x\r\n\r\nbody\r\n"),
        COMMANDS("\r\nRSET\r\nQUIT\r\n"),
        BARE("Subject: x\r\n\r\nbare\nLF\r\n"),
        DOTS("\r\n..\r\n...\r\n"),
        FORGED("From: mallory@remote.example\r\n\r\n\r\n"),
        EMPTY("");

        final String sent;

        Content(String sent) {
            this.sent = sent;
        }

        String taken() {
            return sent.replace("\r\n..", "\r\n.");
        }
    }

    /** What is said where all goes well. */
    static Turn of(Say say) {
        return new Turn(say, Act.FINE, Content.LETTER, Act.FINE);
    }
}

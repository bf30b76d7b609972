package dev.ehlo.smtp;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in the reply to end of data the id under which the host queued the message. No RFC has one stand there, each kind
 * of server words it in its own way: a table of those that are known. What fits none of them has no id.
 */
final class QueueIds {
    /** Lines looked at: the id stands in one of the first. */
    private static final int MAX_LINES = 8;
    /** Octets of a reply line with its code. RFC 5321 §4.5.3.1.5. */
    private static final int MAX_LINE = 512;

    /** No id ends with a mark of punctuation, and none known is longer. */
    private static final String ID = "([0-9A-Za-z](?:[\\w.@/+=:-]{0,126}[\\w=])?)";
    /** What may stand behind an id at the end of a sentence. */
    private static final String END = "(?=$|[\\s.,;)\\]])";

    private static final List<Pattern> FORMS = List.of(
            // Postfix, this project, ZoneMTA: before all others, as filters quote what the next host said.
            form("\\bqueued as " + ID + END),
            // Yandex: the host stands between.
            form("\\bqueued on [\\w.-]{1,255} as " + ID + END),
            // Stalwart.
            form("\\bqueued with id " + ID + END),
            // Exim, mail.ru, and GMX with words in front of it.
            form("^(?:ok|.*\\bcompleted:) id=" + ID + END),
            // Exchange: its own number, and the Message-ID where an old one tells no number.
            form("^<[!-~]{1,255}> \\[InternalId=([0-9]{1,32})[,\\]]"),
            form("^<([!-;=?-~]{1,255})> queued mail for delivery"),
            // Sendmail, OpenSMTPD, Proofpoint, Kerio.
            form("^" + ID + " message accepted for delivery"),
            // qmail: the time and the process.
            form("^ok ([0-9]{1,20} qp [0-9]{1,20})$"),
            // Google: a time stands in front of it.
            form("^ok +[0-9]{1,20} " + ID + " - gsmtp$"),
            // Amazon SES.
            form("^ok ([0-9a-f]{16}-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-[0-9]{6})$"),
            // Haraka: the connection's UUID and the transaction's number.
            form("^message queued \\(([0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\\.[0-9]{1,9})\\)"),
            // IronPort.
            form("^ok: +message ([0-9]{1,20}) accepted$"),
            // Momentum.
            form("^ok ([0-9A-F]{2}/[0-9A-F]{2}-[0-9]{1,10}-[0-9A-F]{8})$"),
            // Courier.
            form("^ok\\. ([0-9A-F]{8,16}\\.[0-9A-F]{8,16}\\.[0-9A-F]{8})$"),
            // Dovecot, by LMTP.
            form("^<[!-~]{1,320}> " + ID + " saved$"));

    private QueueIds() {}

    private static Pattern form(String regex) {
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
    }

    /** The id in the reply, if one is known to stand there: 1 to 255 characters of printable ASCII. */
    static Optional<String> find(Reply reply) {
        for (String whole : reply.lines().subList(0, Math.min(reply.lines().size(), MAX_LINES))) {
            String line = whole.substring(0, Math.min(whole.length(), MAX_LINE)).strip();
            for (Pattern form : FORMS) {
                Matcher matcher = form.matcher(line);
                if (matcher.find()) {
                    return Optional.of(matcher.group(1));
                }
            }
        }
        return Optional.empty();
    }
}

package dev.ehlo.smtp.mta;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A numbered message of the crash test. From the number alone follow its content, small or beyond what the journal takes
 * inline, and its recipients: some that the sink takes, some that it defers once, some that it refuses for good, which
 * the sender, who has the number too, is to be told of.
 *
 * @param number which one
 * @param recipients whom to, in order
 */
record CrashMail(int number, List<String> recipients) {
    private static final int MOST_RECIPIENTS = 4;
    private static final int LARGE_OCTETS = 300 << 10;
    private static final int SMALL_OCTETS = 6000;
    private static final Pattern RECIPIENT = Pattern.compile("(ok|later|never)([0-9]+)\\.n([0-9]+)@next\\.example");
    private static final Pattern SENDER = Pattern.compile("n([0-9]+)@sender\\.example");

    static CrashMail of(int number) {
        Random random = new Random(number);
        List<String> recipients = new ArrayList<>();
        int count = 1 + random.nextInt(MOST_RECIPIENTS);
        for (int i = 0; i < count; i++) {
            int kind = random.nextInt(100);
            recipients.add((kind < 70 ? "ok" : kind < 85 ? "later" : "never") + i + ".n" + number + "@next.example");
        }
        return new CrashMail(number, recipients);
    }

    /** The number of the message that a recipient is one of; -1 for anybody else. */
    static int numberOf(String recipient) {
        Matcher matcher = RECIPIENT.matcher(recipient);
        return matcher.matches() ? Integer.parseInt(matcher.group(3)) : -1;
    }

    /** The number of the message whose sender that is; -1 for anybody else. */
    static int sentBy(String mailbox) {
        Matcher matcher = SENDER.matcher(mailbox);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }

    static boolean isDeferredOnce(String recipient) {
        return recipient.startsWith("later");
    }

    static boolean isRefused(String recipient) {
        return recipient.startsWith("never");
    }

    String sender() {
        return "n" + number + "@sender.example";
    }

    /** Without stuffed dots; every seventh line begins with one. */
    String content() {
        int octets = number % 20 == 7 ? LARGE_OCTETS : 100 + new Random(~number).nextInt(SMALL_OCTETS);
        return Mail.large("n" + number, octets);
    }

    /** As it goes out after DATA. */
    byte[] stuffed() {
        String text = content().replace("\r\n.", "\r\n..") + ".\r\n";
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.queue.QueueId;
import dev.ehlo.smtp.queue.QueueSelection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Which messages a request of {@code ehlo queue} means.
 *
 * @param selection those
 * @param all whether all there are were asked for in so many words
 * @param limit how many are shown; negative for any number
 */
record QueueRequest(QueueSelection selection, boolean all, long limit) {
    /** @throws IllegalArgumentException if the words are none of such a request */
    static QueueRequest read(List<String> words) {
        QueueSelection selection = QueueSelection.EVERYTHING;
        boolean all = false;
        long limit = -1;
        for (Map.Entry<String, String> word : ControlWords.read(words).entrySet()) {
            String value = word.getValue();
            switch (word.getKey()) {
                case "ids" ->
                    selection = selection.ids(Arrays.stream(value.split(",", -1))
                            .map(QueueId::parse)
                            .toList());
                case "from" -> selection = selection.sender(ReversePath.parse(value));
                case "recipient" -> selection = selection.recipient(Mailbox.parse(value));
                case "to" -> selection = selection.destination(value);
                case "older" -> selection = selection.olderThan(Duration.parse(value));
                case "younger" -> selection = selection.youngerThan(Duration.parse(value));
                case "all" -> all = true;
                case "limit" -> limit = Long.parseLong(value);
                default -> throw new IllegalArgumentException("no such word: " + word.getKey());
            }
        }
        return new QueueRequest(selection, all, limit);
    }
}

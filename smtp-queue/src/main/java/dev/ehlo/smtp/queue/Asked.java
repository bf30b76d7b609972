package dev.ehlo.smtp.queue;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A function of the application's, in whose hands no mail may be lost: where it fails or answers nothing, the queue goes by
 * one of its own, and says so once. Belongs to the scheduler thread.
 */
final class Asked<T, R> implements Function<T, R> {
    private static final Logger LOG = LoggerFactory.getLogger(Asked.class);

    private final String name;
    private final Function<? super T, ? extends @Nullable R> theirs;
    private final Function<? super T, ? extends R> ours;
    private boolean told;

    /** @param name as the application knows it */
    Asked(String name, Function<? super T, ? extends @Nullable R> theirs, Function<? super T, ? extends R> ours) {
        this.name = name;
        this.theirs = theirs;
        this.ours = ours;
    }

    @Override
    public R apply(T about) {
        Throwable defect = null;
        try {
            R said = theirs.apply(about);
            if (said != null) {
                return said;
            }
        } catch (Throwable e) {
            defect = e;
        }
        R instead = ours.apply(about);
        if (!told) {
            told = true;
            LOG.error(
                    "the application's {} {} when asked of {}: the queue goes on with its own answer, {}, and does not"
                            + " tell of it again",
                    name,
                    defect == null ? "said nothing" : "failed",
                    QuotedText.ascii(about.toString()),
                    QuotedText.ascii(instead.toString()),
                    defect);
        }
        return instead;
    }
}

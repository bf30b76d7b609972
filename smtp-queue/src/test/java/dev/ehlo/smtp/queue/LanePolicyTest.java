package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.Reply;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanePolicyTest {
    @Test
    void eachWitherChangesItsOwn() {
        ReplyRule rule = ReplyRule.slowDown("*slow*");
        Rate rate = Rate.parse("60/m");
        LanePolicy policy = LanePolicy.STANDARD
                .window(2, 1, 3)
                .recipients(50)
                .rates(rate, Rate.parse("1000/2h"))
                .suspension(4, Duration.ofSeconds(5), Duration.ofSeconds(6))
                .ramp(Duration.ofSeconds(7))
                .rules(List.of(rule));
        assertThat(policy)
                .isEqualTo(new LanePolicy(
                        2,
                        1,
                        3,
                        50,
                        new Rate(60, Duration.ofMinutes(1)),
                        new Rate(1000, Duration.ofHours(2)),
                        4,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        List.of(rule)));
        assertThat(policy.recipientsOfAttempt()).isEqualTo(50);
        assertThat(policy.rates(Rate.UNLIMITED, rate).recipientsOfAttempt()).isEqualTo(3);
    }

    @Test
    void refusesWhatIsNoPolicy() {
        LanePolicy standard = LanePolicy.STANDARD;
        assertThatThrownBy(() -> standard.window(1, 0, 5)).hasMessageContaining("0 at least");
        assertThatThrownBy(() -> standard.window(1, 2, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.window(6, 2, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.window(6, 2, 10_001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.recipients(0)).isInstanceOf(IllegalArgumentException.class);
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> standard.suspension(0, second, second)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.suspension(1, Duration.ZERO, second))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.suspension(1, second, Duration.ofMillis(999)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.ramp(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> standard.ramp(Duration.ofMinutes(61))).hasMessageContaining("PT1H1M");
        assertThatThrownBy(() -> ReplyRule.suspend("*", Duration.ofDays(2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5/", "0/m", "5/w", "-5/m", "5/0s", "5/31d", "1000001/m", "1000001/h", "5/m\r\nx"})
    void refusesWhatIsNoRateOfADestination(String text) {
        assertThatThrownBy(() -> LanePolicy.STANDARD.rates(Rate.parse(text), Rate.UNLIMITED))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LanePolicy.STANDARD.rates(Rate.UNLIMITED, Rate.parse(text)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            421 4.7.0 too many connections | 421*                    | true
            421 4.7.0 too many connections | *TOO MANY*              | true
            421 4.7.0 too many connections | 421 4.7.?*many*s        | true
            421 4.7.0 too many connections | 421 4.7.0 too many      | false
            421 4.7.0 too many connections | ?21 4.7.0 too many connections | true
            421 4.7.0 too many connections | *connections*           | true
            421 4.7.0 too many connections | *connectionss           | false
            421 4.7.0 too many connections | 4?21*                   | false
            421 4.7.0 too many connections | *                       | true
            450 4.2.1 aab aab aabaac       | *aabaac                 | true
            450 4.2.1 aab aab aabaac       | *a*b*c                  | true
            450 4.2.1 aab aab aabaac       | **a?c**                 | true
            """)
    void aRuleIsAboutTheWholeReply(String reply, String pattern, boolean matches) {
        assertThat(ReplyRule.permanent(pattern).matches(Reply.parse(reply))).isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\tb", "ä", "1234567890123456789012345678901234567890123456789012345678901234"})
    void refusesWhatIsNoPattern(String pattern) {
        assertThatThrownBy(() -> ReplyRule.permanent(pattern)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLongReplyIsLookedAtInPart() {
        Reply reply = Reply.of(450, "a".repeat(100_000) + "b");
        assertThat(ReplyRule.permanent("450 a*").matches(reply)).isTrue();
        assertThat(ReplyRule.permanent("*b").matches(reply)).isFalse();
    }

    @Test
    void rulesOfTheSameWordsAreEqual() {
        assertThat(ReplyRule.suspend("x", Duration.ofSeconds(1)))
                .isEqualTo(ReplyRule.suspend("x", Duration.ofSeconds(1)))
                .hasSameHashCodeAs(ReplyRule.suspend("x", Duration.ofSeconds(1)))
                .isNotEqualTo(ReplyRule.suspend("x", Duration.ofSeconds(2)))
                .isNotEqualTo(ReplyRule.permanent("x"))
                .hasToString("SUSPEND for PT1S at x");
    }
}

package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyTest {
    @Test
    void anEnhancedStatusCodeIsNeverALineOfText() {
        Reply reply = Reply.of(451, "4.4.2", "connection lost");
        assertThat(reply).isEqualTo(new Reply(451, new EnhancedStatusCode(4, 4, 2), List.of("connection lost")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Reply.of(250, "mx.example", "SIZE 1000"))
                .withMessageContaining("mx.example");
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(451, "4.4.2 connection lost"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(451, List.of("4.4.2", "connection lost")));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(250, "4.4.2", "connection lost"));
        assertThat(Reply.of(250, "4.4.2 of another class").enhanced()).isNull();
        assertThat(Reply.of(250, List.of("mx.example", "SIZE 1000")).lines()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "451 4.4.2 connection lost",
                "354 go on",
                "250 ",
                "550 5.1.1 ",
                "250 4.4.2 odd",
                "421 4.3.2 4.3.2 x"
            })
    void isReadAsItIsWritten(String line) {
        assertThat(Reply.parse(line)).hasToString(line);
    }

    @Test
    void isReadWithoutText() {
        assertThat(Reply.parse("250")).isEqualTo(Reply.of(250, ""));
        assertThat(Reply.parse("550 5.1.1")).isEqualTo(Reply.of(550, "5.1.1", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "25",
                "199 x",
                "600 x",
                "250-x",
                "250x",
                "250 a\r\n250 b",
                "250 a\u0000",
                "\u0662\u0665\u0660 x"
            })
    void whatIsNoReplyIsRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.parse(line)).withMessageNotContaining("\n");
    }

    @Test
    void escapesWhatItQuotes() {
        assertThat(Reply.quoting(550, "5.1.1", "\"a\r\n250 ok\"@x is unknown"))
                .hasToString("550 5.1.1 \"a\\u000d\\u000a250 ok\"@x is unknown");
    }

    @Test
    void eachReplyCodeStandsOnceInTheTable() {
        assertThat(Arrays.stream(ReplyCode.values()).map(ReplyCode::code))
                .doesNotHaveDuplicates()
                .isSorted();
        for (ReplyCode each : ReplyCode.values()) {
            assertThat(ReplyCode.find(each.code())).contains(each);
            assertThat(Reply.of(each.code(), each.description()).text()).isEqualTo(each.description());
            assertThat(each.source()).startsWith("RFC ");
        }
        assertThat(ReplyCode.find(299)).isEmpty();
    }

    @Test
    void eachEnhancedStatusStandsOnceInTheTable() {
        assertThat(Arrays.stream(EnumeratedStatus.values()).map(EnumeratedStatus::permanent))
                .doesNotHaveDuplicates();
        for (EnumeratedStatus each : EnumeratedStatus.values()) {
            assertThat(each.success().enumerated()).contains(each);
            assertThat(each.temporary()).hasToString("4." + each.subject() + "." + each.detail());
            assertThat(Reply.of(550, each.permanent(), each.description()).text())
                    .isEqualTo(each.description());
            assertThat(each.source()).isNotBlank();
        }
        assertThat(EnhancedStatusCode.parse("5.9.9").enumerated()).isEmpty();
        assertThat(EnumeratedStatus.find(1, 1)).contains(EnumeratedStatus.BAD_DESTINATION_MAILBOX);
    }
}

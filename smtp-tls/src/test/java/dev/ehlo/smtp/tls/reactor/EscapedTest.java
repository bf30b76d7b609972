package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class EscapedTest {
    @Test
    void writesControlCharactersOut() {
        assertThat(Escaped.text("a\r\nb\u001b[2J\u760d é")).isEqualTo("a\\u000D\\u000Ab\\u001B[2J\\u760D \\u00E9");
    }

    @Test
    void tellsAControlCharacterFromOneThatThePeerHasWrittenOut() {
        assertThat(Escaped.text("a\\u000Ab")).isEqualTo("a\\\\u000Ab");
        assertThat(Escaped.text("a\nb")).isEqualTo("a\\u000Ab");
        assertThat(Escaped.text("\\\n")).isEqualTo("\\\\\\u000A");
    }

    @Test
    void leavesNoLineOfAnErrorToThePeer() {
        Exception error = new IllegalStateException("one\r\nERROR forged", new Exception("two\nERROR forged"));
        StringWriter trace = new StringWriter();
        Escaped.error(error).printStackTrace(new PrintWriter(trace));

        assertThat(trace.toString().lines()).noneMatch(line -> line.startsWith("ERROR"));
        assertThat(trace.toString())
                .contains("IllegalStateException: one\\u000D\\u000AERROR forged")
                .contains("two\\u000AERROR")
                .contains("leavesNoLineOfAnErrorToThePeer");
    }

    @Test
    void endsWithACircleOfCauses() {
        Exception one = new Exception("one");
        Exception two = new Exception("two", one);
        one.initCause(two);
        int causes = 0;
        for (Throwable cause = Escaped.error(one); cause != null; cause = cause.getCause()) {
            causes++;
        }
        assertThat(causes).isLessThan(20);
    }
}

package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class LogLineTest {
    /** The grammar that a reader of the log goes by. */
    private static final Pattern VALUE = Pattern.compile(
            "value=(\"(?:[^\"\\\\]|\\\\[\\\\\"]|\\\\u[0-9A-F]{4})*\"|(?:[^ =\"\\\\]|\\\\[\\\\\"]|\\\\u[0-9A-F]{4})+) end=1");

    @Property(tries = 300)
    void keepsAnyValueWithinItselfInPrintableAscii(@ForAll String value) {
        String line = new LogLine().put("value", value).put("end", 1).toString();
        assertThat(line).matches("[ -~]*");
        Matcher matcher = VALUE.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        assertThat(line.length()).isLessThan(6 * LogLine.MAX_VALUE + 40);
        if (value.length() <= LogLine.MAX_VALUE) {
            assertThat(unescaped(matcher.group(1))).isEqualTo(value);
        }
    }

    private static String unescaped(String shown) {
        String inner = shown.startsWith("\"") ? shown.substring(1, shown.length() - 1) : shown;
        return Pattern.compile("\\\\(u([0-9A-F]{4})|[\\\\\"])")
                .matcher(inner)
                .replaceAll(escape -> Matcher.quoteReplacement(
                        escape.group(2) == null
                                ? escape.group(1)
                                : String.valueOf((char) Integer.parseInt(escape.group(2), 16))));
    }

    @Test
    void forgesNeitherALineNorAKey() {
        String evil = "x\r\nsession=1 login=\"root\u001b[2J\u2028\u202e\\";
        assertThat(new LogLine().put("login", evil).put("end", 1).toString())
                .isEqualTo("login=\"x\\u000D\\u000Asession=1 login=\\\"root\\u001B[2J\\u2028\\u202E\\\\\" end=1");
    }

    @Test
    void saysSecondsToTheMicrosecond() {
        assertThat(new LogLine().seconds("a", 1_000_002_999L).seconds("b", -5).seconds("c", 61_123_456_789L))
                .hasToString("a=1.000002 b=0.000000 c=61.123456");
    }
}

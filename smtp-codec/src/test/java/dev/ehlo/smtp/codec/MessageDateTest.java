package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class MessageDateTest {
    private static final Instant TIME = Instant.parse("2026-11-01T09:05:07Z");
    private static final OffsetDateTime DATE = TIME.atOffset(ZoneOffset.UTC);

    @Property
    void whatIsWrittenIsReadBack(
            @ForAll @LongRange(min = -2_208_900_000L, max = 253_402_200_000L) long second,
            @ForAll @IntRange(min = -18 * 60, max = 18 * 60) int minutes) {
        Instant time = Instant.ofEpochSecond(second);
        ZoneOffset zone = ZoneOffset.ofTotalSeconds(60 * minutes);
        OffsetDateTime local = time.atOffset(zone);

        String text = MessageDate.format(time, zone);
        assertThat(text)
                .isEqualTo(DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.US)
                        .format(local));
        assertThat(MessageDate.parse(text)).contains(local);
        assertThat(MessageDate.parse(MessageDate.formatWithoutZone(time))).contains(time.atOffset(ZoneOffset.UTC));
    }

    @Provide
    Arbitrary<String> soup() {
        return Arbitraries.of(
                        "Sun", ",", " ", "1", "01", "Nov", "2026", "26", "09", ":", "05", "07", "60", "+0000", "-0330",
                        "GMT", "(", ")", "\\", "(a(b)c)", "\r\n ", "\r\n", "\0", "\ud800", "\u0130", "Z", "J")
                .list()
                .ofMaxSize(20)
                .map(list -> String.join("", list));
    }

    @Property(tries = 4000)
    void whatIsReadCanBeWritten(@ForAll("soup") String text) {
        MessageDate.parse(text)
                .ifPresent(date -> assertThat(MessageDate.parse(MessageDate.format(date.toInstant(), date.getOffset())))
                        .contains(date));
    }

    @Property
    void anyTextIsADateOrNone(@ForAll String text) {
        assertThat(MessageDate.parse(text)).isNotNull();
    }

    @Example
    void takesWhatOldMailHas() {
        for (String text : new String[] {
            "Sun, 1 Nov 2026 09:05:07 +0000",
            "sun,01 nov 2026 09:05:07 -0000",
            "1 Nov 2026 09:05:07 +0000 (UTC)",
            " Sun , 1 Nov 26 09 : 05 : 07 GMT ",
            "Sun (day (of) the \\) week), 1 (st)Nov(ember)2026\r\n 09:05:07 UT(\\()",
            "1Nov2026 09:05:07Z",
            "Sun, 1 Nov 2026 04:05:07 EST",
            "Sun, 1 Nov 2026 05:05:07 EDT",
            "Sun, 1 Nov 2026 03:05:07 CST",
            "Sun, 1 Nov 2026 02:05:07 MST",
            "Sun, 1 Nov 2026 01:05:07 PST",
            "Sun, 1 Nov 2026 02:05:07 pdt",
            "Sun, 1 Nov 2026 09:05:07 CEST",
            "Sun, 1 Nov 2026 09:05:07 A",
            "Sun, 1 Nov 2026 09:05:07 a",
            "Sun, 1 Nov 2026 09:05:07 z",
            "Sun, 1 Nov 2026 09:05:07 WEDST",
            "Sun, 1 Nov 2026 05:35:07 -0330",
            "Sun, 1 Nov 2026\r\n\t18:05:07 +0900",
        }) {
            assertThat(MessageDate.parse(text))
                    .as(text)
                    .hasValueSatisfying(date -> assertThat(date.toInstant()).isEqualTo(TIME));
        }
        assertThat(MessageDate.parse("Sun, 1 Nov 2026 09:05 +0000")).contains(DATE.withSecond(0));
        assertThat(MessageDate.parse("31 Dec 2016 23:59:60 +0000"))
                .contains(OffsetDateTime.parse("2017-01-01T00:00:00Z"));
        assertThat(MessageDate.parse("1 Jan 49 00:00 Z").map(OffsetDateTime::getYear))
                .contains(2049);
        assertThat(MessageDate.parse("1 Jan 50 00:00 Z").map(OffsetDateTime::getYear))
                .contains(1950);
        assertThat(MessageDate.parse("1 Jan 126 00:00 Z").map(OffsetDateTime::getYear))
                .contains(2026);
        assertThat(MessageDate.parse("29 Feb 2024 00:00 Z").map(OffsetDateTime::getYear))
                .contains(2024);
    }

    @Example
    void refusesWhatIsNoDate() {
        for (String text : new String[] {
            "",
            "Sun",
            "Mon, 1 Nov 2026 09:05:07 +0000",
            "Sun 1 Nov 2026 09:05:07 +0000",
            "Sun, 1 Nov 2026 09:05:07",
            "Sun, 1 Nov 2026 09:05:07 +000",
            "Sun, 1 Nov 2026 09:05:07 +00000",
            "Sun, 1 Nov 2026 09:05:07 +0060",
            "Sun, 1 Nov 2026 09:05:07 +1801",
            "Sun, 1 Nov 2026 09:05:07 +9959",
            "Sun, 1 Nov 2026 09:05:07 J",
            "Sun, 1 Nov 2026 09:05:07 NOZONE",
            "Sun, 1 Nov 2026 09:05:07 +0000 x",
            "Sun, 1 Nov 2026 9:05:07 +0000",
            "Sun, 1 Nov 2026 24:05:07 +0000",
            "Sun, 1 Nov 2026 09:60:07 +0000",
            "Sun, 1 Nov 2026 09:05:61 +0000",
            "Sun, 1 November 2026 09:05:07 +0000",
            "Sun, 1 Nov 20260 09:05:07 +0000",
            "Sun, 1 Nov 6 09:05:07 +0000",
            "1 Nov 1899 09:05:07 +0000",
            "0 Nov 2026 09:05:07 +0000",
            "31 Nov 2026 09:05:07 +0000",
            "29 Feb 2026 09:05:07 +0000",
            "001 Nov 2026 09:05:07 +0000",
            "31 Dec 9999 23:59:60 +0000",
            "Sun, 1 Nov 2026 09:05:07 +0000 (",
            "Sun, 1 Nov 2026 09:05:07 +0000 (\\)",
            "Sun, 1 Nov 2026 09:05:07 +0000\r\n",
            "Sun, 1 Nov 2026\n 09:05:07 +0000",
            "\u0660 Nov 2026 09:05:07 +0000",
        }) {
            assertThat(MessageDate.parse(text)).as(text).isEmpty();
        }
    }

    @Example
    void looksAtNoMoreThanALine() {
        String text = "Sun, 1 Nov 2026 09:05:07 +0000";
        int room = MessageDate.MAX_TEXT - text.length();
        assertThat(MessageDate.parse(text + " ".repeat(room))).contains(DATE);
        assertThat(MessageDate.parse(text + " ".repeat(room + 1))).isEmpty();
        assertThat(MessageDate.parse(text + "(".repeat(room / 2) + ")".repeat(room / 2)))
                .contains(DATE);
    }

    @Example
    void writesZonesInWholeMinutes() {
        Instant time = Instant.parse("1910-01-01T00:00:00Z");
        ZoneId amsterdam = ZoneOffset.ofHoursMinutesSeconds(0, 19, 32);
        String text = MessageDate.format(time, amsterdam);
        assertThat(text).isEqualTo("Sat, 1 Jan 1910 00:19:00 +0019");
        assertThat(MessageDate.parse(text).map(OffsetDateTime::toInstant)).contains(time);
        assertThat(MessageDate.format(time, ZoneOffset.ofHoursMinutesSeconds(0, 0, -32)))
                .endsWith("00:00:00 +0000");
    }

    @Example
    void writesNoYearThatHasNoDate() {
        for (Instant time : new Instant[] {
            Instant.MIN, Instant.MAX, Instant.parse("1899-12-31T23:59:59Z"), Instant.parse("+10000-01-01T00:00:00Z")
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> MessageDate.format(time, ZoneOffset.UTC));
            assertThatIllegalArgumentException().isThrownBy(() -> MessageDate.formatWithoutZone(time));
        }
        assertThat(MessageDate.formatWithoutZone(Instant.parse("9999-12-31T23:59:59Z")))
                .isEqualTo("Fri, 31 Dec 9999 23:59:59 -0000");
        assertThat(MessageDate.format(Instant.parse("1900-01-01T00:00:00Z"), ZoneOffset.UTC))
                .isEqualTo("Mon, 1 Jan 1900 00:00:00 +0000");
    }
}

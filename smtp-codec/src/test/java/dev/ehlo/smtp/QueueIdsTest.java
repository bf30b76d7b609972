package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The id under which a host says that it queued a message, as each kind of server words it. */
class QueueIdsTest {
    private static final Recipient RECIPIENT = Recipient.of("b@example.net");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "250 2.0.0 Ok: queued as 4B1C2D3E4F | 4B1C2D3E4F",
                "250 2.0.0 Ok: queued as 3qWxyz4Fv2z9rXf | 3qWxyz4Fv2z9rXf",
                "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 7F1A2 | 7F1A2",
                "250 2.6.0 id=12345-01, from MTA([127.0.0.1]:10025): 250 Ok: queued as 7F1A2 | 7F1A2",
                "250 Ok: queued as k1_bnDyRQjWqXUHyP2uwjQ. | k1_bnDyRQjWqXUHyP2uwjQ",
                "250 2.0.0 queued as 01JD8Z2V5N | 01JD8Z2V5N",
                "250 Message queued as 18a1b2c3d4e00012ab | 18a1b2c3d4e00012ab",
                "250 2.0.0 Ok: queued on mxfront9q.mail.yandex.net as 1590262878-g7S0-fIVS | 1590262878-g7S0-fIVS",
                "250 2.0.0 Message queued with id 1a2b3c4d5e. | 1a2b3c4d5e",
                "250 OK id=1rAbCd-0001Ef-2g | 1rAbCd-0001Ef-2g",
                "250 OK id=1rAbCd-00000001Ef0-2gHi | 1rAbCd-00000001Ef0-2gHi",
                "250 Requested mail action okay, completed: id=1MKsaz-1wevcp3BHR-00M7kH | 1MKsaz-1wevcp3BHR-00M7kH",
                "250 2.6.0 <1@x.example> [InternalId=274498] Queued mail for delivery | 274498",
                "250 2.6.0 <1@x> [InternalId=43, Hostname=A.B] 9 bytes in 0.1, 1 KB/sec Queued mail for delivery | 43",
                "250 2.6.0 <WEB01Jsw00@relay.example.com> Queued mail for delivery | WEB01Jsw00@relay.example.com",
                "250 2.0.0 3AM1hL8x012345 Message accepted for delivery | 3AM1hL8x012345",
                "250 2.0.0 3f2a1b4c Message accepted for delivery | 3f2a1b4c",
                "250 ok 1700000000 qp 12345 | 1700000000 qp 12345",
                "250 2.0.0 OK  1690517236 x6-2002a0561si782vsr.11 - gsmtp | x6-2002a0561si782vsr.11",
                "250 Ok 01000154dc729264-93fdd7ea-f039-43d6-91ed-653e8547867c-000000"
                        + " | 01000154dc729264-93fdd7ea-f039-43d6-91ed-653e8547867c-000000",
                "250 Message Queued (F2BBED6F-AF8E-4532-B4B2-6490936E49C1.1) | F2BBED6F-AF8E-4532-B4B2-6490936E49C1.1",
                "250 ok:  Message 64111812 accepted | 64111812",
                "250 2.0.0 OK 06/37-26741-3DB1DE65 | 06/37-26741-3DB1DE65",
                "250 Ok. 000000000009B4D1.0000000052C3BD55.00007F2D | 000000000009B4D1.0000000052C3BD55.00007F2D",
                "250 2.0.0 <b@example.net> 6BRAJNgYX2XzKQAAwJ8e4w Saved | 6BRAJNgYX2XzKQAAwJ8e4w"
            })
    void findsTheIdInEachKnownForm(String reply, String id) {
        assertThat(relayed(Reply.parse(reply)).queueId()).contains(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "250 OK",
                "250 2.0.0 Ok",
                "250 Message accepted for delivery",
                "250 2.5.0 Thanks, Message accepted for delivery",
                "250 Queued (0.031 seconds)",
                "250 Message queued (simulated)",
                "250 Queued mail for delivery",
                "250 ok dirdel",
                "250 2.6.0 message received",
                "250 2.0.0 Ok: queued as",
                "250 2.0.0 Ok: queued as <script>",
                "250 2.0.0 Ok: queued as ...",
                "250 OK id=",
                "250 valid=7",
                "250 ok 1700000000 qp x",
                "250 Ok 0100018a-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
                "250 "
            })
    void findsNoneWhereThereIsNoneOrDoubt(String reply) {
        assertThat(relayed(Reply.parse(reply)).queueId()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryStatus.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RELAYED"})
    void isOfRelayedMessagesAlone(DeliveryStatus status) {
        Reply reply = Reply.of(250, "2.0.0", "Ok: queued as 4B1C2D3E4F");
        assertThat(new RecipientOutcome(RECIPIENT, status, reply, "mx.example").queueId())
                .isEmpty();
    }

    @Test
    void findsTheIdInAnotherLineThanTheFirst() {
        assertThat(QueueIds.find(Reply.of(250, List.of("Thank you", "Ok: queued as 4B1C2D3E4F"))))
                .contains("4B1C2D3E4F");
    }

    @Test
    void takesNoIdThatIsLongerThanAnyKnown() {
        assertThat(QueueIds.find(Reply.of(250, "queued as " + "a".repeat(128)))).contains("a".repeat(128));
        assertThat(QueueIds.find(Reply.of(250, "queued as " + "a".repeat(129)))).isEmpty();
    }

    @Test
    void looksAtTheFirstLinesAndAtTheirBeginningAlone() {
        assertThat(QueueIds.find(Reply.of(250, " ".repeat(600) + "queued as 4B1C")))
                .isEmpty();
        List<String> nine = List.of("1", "2", "3", "4", "5", "6", "7", "8", "queued as 4B1C");
        assertThat(QueueIds.find(Reply.of(250, nine))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"queued as ", "<", "ok id=", "a", "queued on a.", "ok. 0", " ", "completed:"})
    @Timeout(10)
    void isNotDelayedByRepetition(String part) {
        Optional<String> found = QueueIds.find(Reply.of(250, (part.repeat(2000) + "\u20ac")));
        assertThat(found.map(String::length).orElse(0)).isLessThanOrEqualTo(255);
    }

    @Property(tries = 2000)
    void whatIsFoundIsPrintableAscii(
            @ForAll @StringLength(max = 60) @CharRange(from = ' ', to = '~') @CharRange(from = '\u00a1', to = '\u00ff')
                    String text,
            @ForAll boolean afterMarker) {
        Reply reply = Reply.of(250, List.of("x", afterMarker ? "queued as " + text : text));
        QueueIds.find(reply).ifPresent(id -> assertThat(id).matches("[!-~ ]{1,255}"));
    }

    private static RecipientOutcome relayed(Reply reply) {
        return new RecipientOutcome(RECIPIENT, DeliveryStatus.RELAYED, reply, "mx.example");
    }
}

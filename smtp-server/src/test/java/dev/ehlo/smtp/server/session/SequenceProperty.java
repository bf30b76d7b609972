package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Any sequence of commands, held against a plain model of RFC 5321 §4.1.4. */
class SequenceProperty {
    private static final SessionLimits WIDE =
            new SessionLimits(10_000, 3, Duration.ofMinutes(5), Duration.ofMinutes(5), 1000, 1000, 1000, 1000);

    enum Say {
        EHLO("EHLO client.example"),
        HELO("HELO client.example"),
        MAIL("MAIL FROM:<a@remote.example>"),
        MAIL_MALFORMED("MAIL FROM:a@remote.example"),
        MAIL_UNKNOWN("MAIL FROM:<a@remote.example> RET=FULL"),
        RCPT("RCPT TO:<b@example.org>"),
        RCPT_NOBODY("RCPT TO:<nobody@example.org>"),
        RCPT_ELSEWHERE("RCPT TO:<b@remote.example>"),
        DATA("DATA"),
        REFUSED_DATA("DATA"),
        RSET("RSET"),
        NOOP("NOOP"),
        VRFY("VRFY \u00c3\u00a4"),
        UNKNOWN("FOO"),
        BDAT("BDAT 6\r\nQUIT"),
        BDAT_LAST("BDAT 8 LAST\r\n.\r\n..."),
        BDAT_EMPTY("BDAT 0"),
        BDAT_EMPTY_LAST("BDAT 0 LAST"),
        BDAT_BARE("BDAT 5\r\na\nb"),
        BDAT_BARE_LAST("BDAT 5 LAST\r\na\rb"),
        AUTH("AUTH PLAIN"),
        STARTTLS("STARTTLS");

        final String line;

        Say(String line) {
            this.line = line;
        }
    }

    /** What RFC 5321 says, with the state spelt out. */
    private static final class Model {
        boolean hello;
        boolean tls;
        boolean mail;
        boolean refused;
        List<String> recipients = new ArrayList<>();
        boolean esmtp;
        boolean chunked;
        StringBuilder content = new StringBuilder();
        List<String> contents = new ArrayList<>();

        void forget() {
            chunked = false;
            content.setLength(0);
            mail = false;
            refused = false;
            recipients = new ArrayList<>();
        }

        int reply(Say say) {
            switch (say) {
                case EHLO, HELO:
                    hello = true;
                    esmtp = say == Say.EHLO;
                    forget();
                    return 250;
                case MAIL_MALFORMED:
                    return 501;
                case MAIL, MAIL_UNKNOWN:
                    if (!hello || mail) {
                        return 503;
                    }
                    if (say == Say.MAIL_UNKNOWN) {
                        return 555;
                    }
                    mail = true;
                    return 250;
                case RCPT, RCPT_NOBODY, RCPT_ELSEWHERE:
                    return mail && !chunked ? recipient(say) : 503;
                case DATA, REFUSED_DATA:
                    return chunked ? 503 : !recipients.isEmpty() ? 354 : mail && refused ? 554 : 503;
                case RSET:
                    forget();
                    return 250;
                case NOOP:
                    return 250;
                case VRFY:
                    return 252;
                case UNKNOWN:
                    return 500;
                case BDAT, BDAT_LAST, BDAT_EMPTY, BDAT_EMPTY_LAST, BDAT_BARE, BDAT_BARE_LAST:
                    return !hello
                            ? 503
                            : !esmtp ? 502 : recipients.isEmpty() ? mail && refused ? 554 : 503 : chunk(say);
                case AUTH:
                    return hello && !mail ? 502 : 503;
                case STARTTLS:
                    if (tls) {
                        return 503;
                    }
                    tls = true;
                    hello = false;
                    esmtp = false;
                    forget();
                    return 220;
                default:
                    throw new AssertionError(say);
            }
        }

        private int chunk(Say say) {
            if (say == Say.BDAT_BARE || say == Say.BDAT_BARE_LAST) {
                forget();
                return 550;
            }
            chunked = true;
            int command = say.line.indexOf("\r\n");
            if (command > 0) {
                content.append(say.line.substring(command + 2)).append("\r\n");
            }
            if (say == Say.BDAT_LAST || say == Say.BDAT_EMPTY_LAST) {
                contents.add(content.toString());
                forget();
            }
            return 250;
        }

        private int recipient(Say say) {
            if (recipients.size() < 3 && say == Say.RCPT) {
                recipients.add("b@example.org");
                return 250;
            }
            refused = true;
            return recipients.size() == 3 ? 452 : 550;
        }
    }

    @Property(tries = 1000)
    void answersAndKeepsTheEnvelopeAsTheModel(
            @ForAll @Size(min = 1, max = 30) List<Say> dialogue, @ForAll boolean pipelined) {
        MachinePeer peer = new MachinePeer(Profile.mx().limits(WIDE));
        Model model = new Model();
        peer.say("");
        StringBuilder flight = new StringBuilder();
        List<Integer> expected = new ArrayList<>();
        for (Say say : dialogue) {
            flight.append(say.line).append("\r\n");
            int code = model.reply(say);
            expected.add(code);
            boolean last = say == Say.DATA || say == Say.REFUSED_DATA || say == Say.STARTTLS;
            if (!pipelined || last) {
                exchange(peer, flight, expected);
            }
            if (code == 220) {
                peer.startTls();
            }
            if (code == 354) {
                int before = peer.room.messages.size();
                boolean refused = say == Say.REFUSED_DATA;
                flight.append(refused ? "bare\nLF" : "Subject: x\r\n").append("\r\n.\r\n");
                expected.add(refused ? 550 : 250);
                exchange(peer, flight, expected);
                assertThat(peer.room.messages).hasSize(refused ? before : before + 1);
                if (!refused) {
                    model.contents.add("Subject: x\r\n\r\n");
                    assertThat(peer.room.messages.get(before).envelope().recipients())
                            .extracting(Object::toString)
                            .isEqualTo(model.recipients);
                }
                model.forget();
            }
        }
        exchange(peer, flight, expected);
        assertThat(peer.isClosed()).isFalse();
        assertThat(peer.room.messages)
                .extracting(
                        message -> message.content().substring(message.content().indexOf("+0000\r\n") + 7))
                .isEqualTo(model.contents);
        peer.session().lost();
        assertThat(peer.failures).isEmpty();
    }

    private static void exchange(MachinePeer peer, StringBuilder flight, List<Integer> expected) {
        List<Integer> codes = peer.say(flight.toString())
                .lines()
                .filter(line -> line.charAt(3) == ' ')
                .map(line -> Integer.valueOf(line.substring(0, 3)))
                .collect(Collectors.toList());
        assertThat(codes).as(flight.toString()).isEqualTo(expected);
        flight.setLength(0);
        expected.clear();
    }
}

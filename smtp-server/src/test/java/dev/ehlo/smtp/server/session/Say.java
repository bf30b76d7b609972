package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.server.sasl.ReferenceClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/** What a client may say in a dialogue that is held against {@link SessionModel}: a line, with its chunk where it has one. */
enum Say {
    EHLO("EHLO client.example"),
    HELO("HELO client.example"),
    LHLO("LHLO client.example"),
    MAIL("MAIL FROM:<alice@example.org>"),
    MAIL_NULL("MAIL FROM:<>"),
    MAIL_OF_ANOTHER("MAIL FROM:<mallory@remote.example>"),
    MAIL_MALFORMED("MAIL FROM:alice@example.org", 501),
    MAIL_SIZE("MAIL FROM:<alice@example.org> SIZE=100"),
    MAIL_HUGE("MAIL FROM:<alice@example.org> SIZE=99999999"),
    MAIL_8BIT("MAIL FROM:<alice@example.org> BODY=8BITMIME"),
    MAIL_BINARY("MAIL FROM:<alice@example.org> BODY=BINARYMIME"),
    MAIL_UTF8("MAIL FROM:<alice@example.org> SMTPUTF8"),
    MAIL_RET("MAIL FROM:<alice@example.org> RET=FULL"),
    MAIL_AUTH("MAIL FROM:<alice@example.org> AUTH=<>"),
    MAIL_AUTH_OF_ANOTHER("MAIL FROM:<alice@example.org> AUTH=bob+2Bx@example.org"),
    MAIL_REQUIRETLS("MAIL FROM:<alice@example.org> REQUIRETLS"),
    MAIL_HOLDFOR("MAIL FROM:<alice@example.org> HOLDFOR=60"),
    MAIL_BY("MAIL FROM:<alice@example.org> BY=120;R"),
    MAIL_PRIORITY("MAIL FROM:<alice@example.org> MT-PRIORITY=3"),
    MAIL_TWICE("MAIL FROM:<alice@example.org> SIZE=1 SIZE=1", 501),
    MAIL_UNKNOWN("MAIL FROM:<alice@example.org> X-FOO=1", 555),
    RCPT("RCPT TO:<b@example.org>"),
    RCPT_ELSEWHERE("RCPT TO:<b@remote.example>"),
    RCPT_ROUTED("RCPT TO:<b%remote.example@example.org>"),
    RCPT_NOTIFY("RCPT TO:<b@example.org> NOTIFY=NEVER"),
    RCPT_UTF8("RCPT TO:<\u00f6@example.org>"),
    RCPT_MALFORMED("RCPT TO:b@example.org", 501),
    RCPT_UNKNOWN("RCPT TO:<b@example.org> SIZE=1", 555),
    DATA("DATA"),
    DATA_ARGUMENT("DATA now", 501),
    BDAT("BDAT 6\r\nQUIT"),
    BDAT_LAST("BDAT 8 LAST\r\n.\r\n..."),
    BDAT_EMPTY("BDAT 0"),
    BDAT_EMPTY_LAST("BDAT 0 LAST"),
    BDAT_BARE("BDAT 5\r\na\nb"),
    BDAT_BARE_LAST("BDAT 5 LAST\r\na\rb"),
    BDAT_SIZELESS("BDAT many", 501),
    AUTH_PLAIN("AUTH PLAIN"),
    AUTH_RIGHT("AUTH PLAIN AGFsaWNlAHNlY3JldA=="),
    AUTH_WRONG("AUTH PLAIN AGFsaWNlAGd1ZXNz"),
    AUTH_BROKEN("AUTH PLAIN AGJyb2tlbgB4"),
    AUTH_LOGIN("AUTH LOGIN"),
    AUTH_SCRAM("AUTH SCRAM-SHA-256"),
    AUTH_SCRAM_FIRST("AUTH SCRAM-SHA-256 " + base64(Proof.CLIENT.first())),
    AUTH_SCRAM_DOWNGRADED("AUTH SCRAM-SHA-1 " + base64("y,,n=alice,r=client")),
    AUTH_SCRAM_UNBOUND("AUTH SCRAM-SHA-256-PLUS " + base64("n,,n=alice,r=client")),
    AUTH_TOKEN("AUTH XOAUTH2 " + base64("user=alice\u0001auth=Bearer of.alice\u0001\u0001")),
    AUTH_TOKEN_WRONG("AUTH OAUTHBEARER " + base64("n,,\u0001auth=Bearer of.bob\u0001\u0001")),
    AUTH_TOKEN_BROKEN("AUTH OAUTHBEARER " + base64("n,,\u0001auth=Bearer unreachable\u0001\u0001")),
    AUTH_EXTERNAL("AUTH EXTERNAL ="),
    AUTH_CRAM("AUTH CRAM-MD5"),
    AUTH_CRAM_TOO_EARLY("AUTH CRAM-MD5 ="),
    AUTH_UNKNOWN("AUTH GSSAPI"),
    SASL_CANCEL("*"),
    SASL_RIGHT("AGFsaWNlAHNlY3JldA=="),
    SASL_USER("YWxpY2U="),
    SASL_SECRET("c2VjcmV0"),
    SASL_SCRAM_FIRST(base64(Proof.CLIENT.first())),
    SASL_SCRAM_PROOF(base64(Proof.TEXT)),
    SASL_CRAM(base64("alice " + Proof.CRAM)),
    SASL_NOTHING(""),
    STARTTLS("STARTTLS"),
    STARTTLS_ARGUMENT("STARTTLS now", 501),
    RSET("RSET"),
    NOOP("NOOP"),
    HELP("HELP"),
    VRFY("VRFY bob"),
    VRFY_UTF8("VRFY \u00e4"),
    EXPN("EXPN list"),
    UNKNOWN("FOO"),
    QUIT("QUIT");

    /** What is answered in clear where TLS is required. RFC 3207 §4. */
    private static final Set<Say> FOR_CLEAR = EnumSet.of(EHLO, HELO, NOOP, RSET, QUIT, STARTTLS, STARTTLS_ARGUMENT);

    private static final Set<Say> FOR_SASL = EnumSet.of(
            NOOP,
            SASL_CANCEL,
            SASL_RIGHT,
            SASL_USER,
            SASL_SECRET,
            SASL_SCRAM_FIRST,
            SASL_SCRAM_PROOF,
            SASL_CRAM,
            SASL_NOTHING);

    /** What alice says who knows her password, to a server whose part is always the same. */
    private static final class Proof {
        static final ReferenceClient CLIENT =
                new ReferenceClient("SHA-256", "alice", "secret", "client", "n,,", new byte[0]);
        static final String TEXT = CLIENT.last("r=client" + MachinePeer.NONCE + ",s=c2FsdCBvZiBhbGljZSAxNg==,i=4096");
        /** Of {@code <0123456789@mx.example.org>}, as {@code openssl dgst -md5 -hmac secret} has it. */
        static final String CRAM = "78245eea230790f04b353cab82fecd92";
    }

    private final String line;
    /** The reply to a line of which nothing can be made; 0 if something can. */
    final int malformed;

    Say(String line) {
        this(line, 0);
    }

    Say(String line, int malformed) {
        this.line = line;
        this.malformed = malformed;
    }

    private static String base64(String message) {
        return Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
    }

    /** The octets with their last CRLF, a character for each. */
    String octets() {
        return new String(line.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1) + "\r\n";
    }

    /** The content of a chunk; empty if there is none. */
    String chunk() {
        return octets().substring(octets().indexOf("\r\n") + 2);
    }

    /** What stands behind MAIL's path, and its blank; empty if nothing does. */
    String parameter() {
        return line.substring(line.indexOf('>') + 1).strip();
    }

    /** The path without its brackets. */
    String path() {
        return line.substring(line.indexOf('<') + 1, line.indexOf('>'));
    }

    boolean isMail() {
        return name().startsWith("MAIL");
    }

    boolean isRecipient() {
        return name().startsWith("RCPT");
    }

    boolean isChunk() {
        return name().startsWith("BDAT");
    }

    boolean isLastChunk() {
        return isChunk() && name().endsWith("LAST");
    }

    boolean isBare() {
        return name().startsWith("BDAT_BARE");
    }

    boolean isAuth() {
        return name().startsWith("AUTH");
    }

    boolean isForClear() {
        return FOR_CLEAR.contains(this);
    }

    /** Whether the model knows what it is as a line of an AUTH dialogue. */
    boolean isForSasl() {
        return FOR_SASL.contains(this);
    }

    /** Whether a client waits for the reply before it says more. RFC 2920 §3.1. */
    boolean endsFlight() {
        return this == DATA || this == DATA_ARGUMENT || this == STARTTLS;
    }
}

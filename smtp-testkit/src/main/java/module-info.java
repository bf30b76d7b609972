/**
 * What one needs to test code that sends or receives mail: a mail server to send to that does as it is told
 * ({@link dev.ehlo.smtp.testkit.ScriptedPeer}), dialogues written down as files
 * ({@link dev.ehlo.smtp.testkit.Transcript}), input cut at every octet, and time that stands still. Built on plain
 * blocking sockets and on no parser of this project's own, so that it is a second opinion. JUnit is needed by
 * {@link dev.ehlo.smtp.testkit.SmtpPeerExtension} alone.
 */
module dev.ehlo.smtp.testkit {
    requires transitive dev.ehlo.smtp.codec;
    requires static transitive org.junit.jupiter.api;
    requires static org.jspecify;

    exports dev.ehlo.smtp.testkit;
}

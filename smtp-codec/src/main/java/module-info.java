/**
 * The words and octets of SMTP: values that every module speaks ({@link dev.ehlo.smtp}), and the parsers, encoders
 * and framings between those values and the wire ({@link dev.ehlo.smtp.codec}). No input or output, no threads, no
 * clock, and nothing needed at run time but {@code java.base}.
 */
@SuppressWarnings("module") // the modules that the grammar is exported to are built after it
module dev.ehlo.smtp.codec {
    requires static org.jspecify;

    exports dev.ehlo.smtp;
    exports dev.ehlo.smtp.codec;
    exports dev.ehlo.smtp.sasl to
            dev.ehlo.smtp.client,
            dev.ehlo.smtp.server,
            dev.ehlo.smtp.mta;
    exports dev.ehlo.smtp.grammar to
            dev.ehlo.smtp.client,
            dev.ehlo.smtp.server,
            dev.ehlo.smtp.queue,
            dev.ehlo.smtp.mta;
}

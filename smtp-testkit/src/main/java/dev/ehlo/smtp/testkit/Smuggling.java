package dev.ehlo.smtp.testkit;

import java.util.List;

/**
 * What attackers put into content so that one server sees an end of data where another sees none: CVE-2023-51764,
 * -51765, -51766, -51747, CVE-2023-52354, CVE-2024-27305, VU#302671. None of these ends content, and none may leave a
 * client. CRLF.CRLF alone does. RFC 5321 §4.5.2.
 */
public final class Smuggling {
    /** Each stands in a body, with the commands of a second message behind it. One character is one octet. */
    public static final List<String> SEQUENCES = List.of(
            "\n.\n",
            "\n.\r\n",
            "\r\n.\n",
            "\r.\r",
            "\r.\n",
            "\n.\r",
            "\r.\r\n",
            "\r\n.\r",
            "\r\n.\r\r\n",
            "\r\r\n.\r\r\n",
            "\r\n\0.\r\n",
            "\r\n.\0\r\n");

    private Smuggling() {}
}

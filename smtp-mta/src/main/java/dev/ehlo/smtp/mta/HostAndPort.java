package dev.ehlo.smtp.mta;

/**
 * A host and its port, as {@code mail.example.org:587} or {@code [2001:db8::1]:25}.
 *
 * @param host a name or an address, without brackets
 * @param port 1 to 65535
 */
record HostAndPort(String host, int port) {
    /** @throws IllegalArgumentException if the text is not a host and a port */
    static HostAndPort parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon > 0 ? text.substring(0, colon) : "";
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || !bracketed && host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("expected HOST:PORT, got " + text);
        }
        return new HostAndPort(
                bracketed ? host.substring(1, host.length() - 1) : host, port(text.substring(colon + 1), 1));
    }

    /** @throws IllegalArgumentException if the text is no port from {@code least} on */
    static int port(String text, int least) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (port < least || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + text);
        }
        return port;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}

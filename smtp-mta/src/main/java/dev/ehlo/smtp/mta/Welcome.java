package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/** What the server tells the person who started it; the last line begins with {@code ready}. */
final class Welcome {
    private static final Map<String, String> ROLES = Map.of(
            "mx", "mail from other servers to local domains (role of port 25)",
            "submission", "submission with STARTTLS and login (role of port 587)",
            "submissions", "submission under TLS with login (role of port 465)",
            "alternate", "submission as on 587, for networks that block it");

    private final Settings settings;
    private final MailServer server;
    private final String login;
    private final Optional<String> password;

    /** @param password of the login made on this start, to be shown this once; empty if none was made */
    Welcome(Settings settings, MailServer server, String login, Optional<String> password) {
        this.settings = settings;
        this.server = server;
        this.login = login;
        this.password = password;
    }

    void print(PrintWriter out) {
        Map<String, InetSocketAddress> addresses = server.addresses(settings);
        addresses.forEach((name, address) -> out.printf("%-12s %-21s %s%n", name, text(address), ROLES.get(name)));
        out.printf("%-12s %s%n", "data", settings.data().path());
        out.printf("%-12s %s%n", "certificate", server.tls().fingerprint());
        server.metricsAddress().ifPresent(address -> out.printf("%-12s http://%s/metrics%n", "metrics", text(address)));
        password.ifPresent(secret -> out.printf(
                "%-12s %s, password %s (made now, shown this once; its mail: %s)%n",
                "login", login, secret, settings.data().mail().resolve(login)));
        InetSocketAddress submission = addresses.get("submission");
        if (submission != null) {
            sendLines(out, submission);
        }
        out.printf("ready: %s%n", String.join(" ", addresses.keySet()));
    }

    private void sendLines(PrintWriter out, InetSocketAddress submission) {
        String secret = password.orElse("PASSWORD");
        String message = "printf 'Subject: hello\\r\\n\\r\\nIt works.\\r\\n' | ";
        String address = login + "@localhost";
        String host = submission.getAddress().isLoopbackAddress() ? "localhost" : settings.host();
        String where = host + ":" + submission.getPort();
        String ca = settings.certificates().isEmpty()
                ? quote(settings.data().certificate().toString())
                : "";
        out.printf("try it with curl, or with ehlo itself:%n");
        out.printf(
                "  %scurl -sS --ssl-reqd%s --user %s:%s --mail-from %s --mail-rcpt %s --upload-file - smtp://%s%n",
                message, ca.isEmpty() ? "" : " --cacert " + ca, login, secret, address, address, where);
        out.printf(
                "  %s./ehlo send --server %s --tls starttls%s --user %s:%s --from %s --to %s -%n",
                message, where, ca.isEmpty() ? "" : " --ca " + ca, login, secret, address, address);
    }

    private static String text(InetSocketAddress address) {
        return new HostAndPort(address.getAddress().getHostAddress(), address.getPort()).toString();
    }

    /** For a POSIX shell; plain words stay as they are. */
    private static String quote(String word) {
        return word.matches("[A-Za-z0-9_./:@%+=-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}

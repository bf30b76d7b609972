import dev.ehlo.smtp.*;
import dev.ehlo.smtp.server.*;
import java.net.InetSocketAddress;
import java.nio.file.*;
import java.util.List;
import java.util.Set;

/** An MX for one domain: takes mail for the recipients of a list, a line each, into a directory. */
class KnownRecipients implements SmtpHandler {
    private static final Reply UNKNOWN = Reply.of(550, "5.1.1", "No such user here");
    private final Set<String> known;
    private final Path inbox;

    KnownRecipients(Set<String> known, Path inbox) {
        this.known = known;
        this.inbox = inbox;
    }

    @Override
    public Reply rcpt(SessionInfo session, Recipient recipient) {
        return known.contains(recipient.toString()) ? RECIPIENT_OK : UNKNOWN;
    }

    @Override
    public MessageSink data(SessionInfo session, Envelope envelope) {
        return Content.asFile(inbox, file -> {
            Files.move(file, inbox.resolve(System.nanoTime() + ".eml"));
            return Reply.of(250, "2.0.0", "Kept");
        });
    }

    public static void main(String[] args) throws Exception {
        Set<String> known = Set.copyOf(Files.readAllLines(Path.of(args[1])));
        SmtpServer server = SmtpServer.builder().hostname("mx.example.org").localDomains(List.of("example.org"))
                .handler(new KnownRecipients(known, Files.createDirectories(Path.of(args[2]))))
                .listen(Profile.mx().at(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])))).start();
        System.out.println("ready: " + server.address("mx"));
    }
}

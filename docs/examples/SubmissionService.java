import dev.ehlo.smtp.client.*;
import dev.ehlo.smtp.queue.*;
import dev.ehlo.smtp.server.*;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Takes mail from users by TLS and login, queues it on disk, and hands it to a smarthost, for days if need be. */
class SubmissionService {
    private static final Map<String, String> USERS = Map.of("alice@example.org", "secret"); // hashes, in earnest

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[0]);
        Path directory = Path.of(args[1]);
        SmtpClient client = SmtpClient.builder().localName("mail.example.org").build();
        MailQueue queue = MailQueue.builder()
                .spool(Spool.directory(directory.resolve("spool")))
                .agent(client.to(Smarthost.relay("127.0.0.1", Integer.parseInt(args[2]))))
                .hostname("mail.example.org")
                .start();
        Path chain = directory.resolve("cert.pem"), key = directory.resolve("key.pem");
        SmtpServer server = SmtpServer.builder()
                .hostname("mail.example.org")
                .tls(TlsContext.pem(chain, key))
                .authenticator((login, password) ->
                        password.equals(USERS.get(login)) ? Optional.of(login) : Optional.empty())
                .honouring(MailQueue.honoured())
                .handler((session, envelope) -> queue.open(envelope))
                .listen(Profile.submissions().at(new InetSocketAddress("127.0.0.1", port)))
                .start();
        System.out.println("ready: " + server.address("submissions"));
    }
}

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Content;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServer;
import java.net.InetSocketAddress;

/** Prints all mail that comes to a port of loopback. */
class PrintMail {
    public static void main(String[] args) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0]));
        SmtpServer server = SmtpServer.builder()
                .hostname("localhost")
                .handler((session, envelope) -> Content.asStream(in -> {
                    synchronized (System.out) { // one message after the other
                        System.out.println(envelope.reversePath() + " writes to " + envelope.recipients() + ":");
                        in.transferTo(System.out);
                    }
                    return Reply.of(250, "2.0.0", "Printed");
                }))
                .listen(Profile.mx().at(address).anyRecipient())
                .start();
        System.out.println("ready: " + server.address("mx"));
    }
}

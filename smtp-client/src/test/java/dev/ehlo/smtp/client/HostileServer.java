package dev.ehlo.smtp.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server for one connection, which does with its socket what no server should. Counts nothing as a deviation. */
final class HostileServer implements AutoCloseable {
    /** What it does, on a thread of its own; then it says FIN, and listens to the end. */
    interface Attack {
        void on(Victim victim) throws IOException;
    }

    private static final int PATIENCE_MILLIS = 40_000;

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CompletableFuture<String> heard;

    HostileServer(Attack attack) throws IOException {
        heard = CompletableFuture.supplyAsync(
                () -> {
                    try (Socket socket = listener.accept()) {
                        socket.setSoTimeout(PATIENCE_MILLIS);
                        socket.setTcpNoDelay(true);
                        Victim victim = new Victim(socket);
                        attack.on(victim);
                        if (!socket.isOutputShutdown()) {
                            socket.shutdownOutput();
                        }
                        return victim.untilEnd();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                task -> {
                    Thread thread = new Thread(task, "hostile-server");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    int port() {
        return listener.getLocalPort();
    }

    /** All that the client has said, in clear or under TLS, once it is gone. */
    String heard() throws Exception {
        return heard.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    /** The client's connection, as the attack has it. */
    static final class Victim {
        private final Socket raw;
        private final StringBuilder heard = new StringBuilder();
        private SSLSocket tls;

        private Victim(Socket raw) {
            this.raw = raw;
        }

        /** In clear, in one segment, whatever else goes on. */
        Victim inClear(String text) throws IOException {
            return inClear(text.getBytes(ISO_8859_1));
        }

        Victim inClear(byte[] segment) throws IOException {
            raw.getOutputStream().write(segment);
            return this;
        }

        /** Under TLS if it is on, else in clear. */
        Victim say(String text) throws IOException {
            socket().getOutputStream().write(text.getBytes(ISO_8859_1));
            return this;
        }

        /** Waits for a line that begins so. */
        Victim hear(String beginning) throws IOException {
            InputStream in = socket().getInputStream();
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int octet = in.read(); octet != '\n'; octet = in.read()) {
                if (octet < 0) {
                    throw new EOFException("no " + beginning + " in " + heard + line);
                }
                line.write(octet);
            }
            String text = line.toString(ISO_8859_1);
            heard.append(text).append('\n');
            if (!text.startsWith(beginning)) {
                throw new IOException("not " + beginning + " but " + text);
            }
            return this;
        }

        /** Greets, and takes EHLO and STARTTLS; the reply to that is the attack's. */
        Victim upToStarttls() throws IOException {
            return inClear("220 mx.example\r\n")
                    .hear("EHLO ")
                    .inClear("250-mx.example\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
                    .hear("STARTTLS");
        }

        /** The handshake, as the server. */
        Victim startTls(SSLContext context, String protocol) throws IOException {
            tls = (SSLSocket) context.getSocketFactory().createSocket(raw, "localhost", raw.getPort(), false);
            tls.setUseClientMode(false);
            tls.setEnabledProtocols(new String[] {protocol});
            tls.startHandshake();
            return this;
        }

        /** The handshake, with the newest protocol that the client takes. */
        Victim startTls(SSLContext context) throws IOException {
            return startTls(context, "TLSv1.3");
        }

        /** Says it again and again, until the client has gone; no client may take 64 MiB. */
        Victim sayUntilGone(String text) throws IOException {
            byte[] many = text.repeat(Math.max(1, 16384 / text.length())).getBytes(ISO_8859_1);
            for (int said = 0; said < 64 << 20; said += many.length) {
                try {
                    socket().getOutputStream().write(many);
                } catch (IOException gone) {
                    return this;
                }
            }
            throw new IOException("the client has taken all of it");
        }

        SSLSocket tls() {
            return tls;
        }

        Socket raw() {
            return raw;
        }

        private Socket socket() {
            return tls == null ? raw : tls;
        }

        private String untilEnd() {
            try {
                heard.append(new String(socket().getInputStream().readAllBytes(), ISO_8859_1));
            } catch (IOException e) {
                heard.append("<").append(e.getMessage()).append(">");
            }
            return heard.toString();
        }
    }
}

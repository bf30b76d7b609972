package dev.ehlo.smtp.benchmarks.client;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A process that sends by one client: {@code ClientLoad SENDER [ARGUMENT]}, the name of a class beside this one. It says
 * {@code ready}, reads lines {@code PORT CONNECTIONS OCTETS MESSAGES}, and answers each with the seconds it took and the
 * CPU seconds of all its threads, collector and compiler among them. So one process, warm after the first lines, serves
 * all runs.
 */
public final class ClientLoad {
    private static final String HEADER = "From: <" + Sender.FROM + ">\r\nTo: <" + Sender.TO
            + ">\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\nSubject: load\r\n\r\n";

    private static final String LINE = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/0123456789\r\n";

    private ClientLoad() {}

    /** Serves standard input to its end. */
    public static void main(String[] arguments) throws Exception {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        try (Sender sender = sender(arguments);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            System.out.println("ready");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                InetSocketAddress server =
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(words[0]));
                byte[] content = content(Integer.parseInt(words[2]));
                long cpu = system.getProcessCpuTime();
                long start = System.nanoTime();
                sender.send(server, Integer.parseInt(words[1]), content, Long.parseLong(words[3]));
                double seconds = (System.nanoTime() - start) / 1e9;
                // In one write, as somebody looks for whole lines.
                System.out.println(String.format(
                        Locale.ROOT, "sent %.4f %.4f", seconds, (system.getProcessCpuTime() - cpu) / 1e9));
            }
        }
    }

    private static Sender sender(String[] arguments) throws ReflectiveOperationException {
        Class<?> type = Class.forName(ClientLoad.class.getPackageName() + '.' + arguments[0]);
        return arguments.length > 1
                ? (Sender) type.getConstructor(String.class).newInstance(arguments[1])
                : (Sender) type.getConstructor().newInstance();
    }

    /** Of so many octets in lines, the last one as short as need be. */
    private static byte[] content(int octets) {
        StringBuilder text = new StringBuilder(octets + LINE.length()).append(HEADER);
        while (text.length() < octets) {
            text.append(LINE);
        }
        text.setLength(octets - 2);
        return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }
}

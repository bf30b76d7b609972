package dev.ehlo.smtp.benchmarks.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code ehlo serve} with a heap of 256 MiB, as a process of its own, with data of its own: the script that the system
 * property {@code soak.ehlo} names, or else the same main class from this class path.
 */
final class EhloServer implements AutoCloseable {
    private static final String HEAP = "-Xmx256m";
    private static final long END_SECONDS = 30;
    private static final Pattern ADDRESS = Pattern.compile("([a-z]+) +127\\.0\\.0\\.1:([0-9]+) .*");
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +[0-9]+ +([0-9]+)");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]+) kB");

    private final Path data;
    private final Process process;
    private final List<String> said;

    /** Octets of the heap behind a full collection, and of the process. */
    record Memory(long heap, long resident) {}

    private EhloServer(Path data, Process process, List<String> said) {
        this.data = data;
        this.process = process;
        this.said = said;
    }

    /**
     * Starts one, with such logins, and those of {@link LoginTimes}; ready when this returns.
     *
     * @param logins a name and its password each
     */
    static EhloServer start(List<Credentials> logins, String... options) throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("ehlo-soak");
        for (Credentials login : logins) {
            run(login.password(), ehlo("user", "add", login.name(), "--password-stdin", "--data", data.toString()));
        }
        addMore(data.resolve("users"));
        List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
        for (String profile : List.of("mx", "submission", "submissions", "alternate")) {
            arguments.addAll(List.of("--port", profile + "=0"));
        }
        arguments.addAll(List.of(options));
        Process process = ehlo(arguments.toArray(String[]::new))
                .redirectError(data.resolve("log").toFile())
                .start();
        List<String> said = new ArrayList<>();
        EhloServer server = new EhloServer(data, process, said);
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
            if (line.startsWith("ready")) {
                return server;
            }
        }
        String log = Files.readString(data.resolve("log"));
        server.close();
        throw new IOException("the server has ended: " + said + log);
    }

    /** As many users as refused logins are compared of, with the password of the first, since a process for each is long. */
    private static void addMore(Path users) throws IOException {
        String first = Files.readAllLines(users).get(0);
        String credential = first.substring(first.indexOf(':'));
        List<String> lines = IntStream.range(0, LoginTimes.NAMES)
                .mapToObj(i -> LoginTimes.KNOWN + i + credential)
                .toList();
        Files.write(users, lines, StandardOpenOption.APPEND);
    }

    private static ProcessBuilder ehlo(String... arguments) {
        String script = System.getProperty("soak.ehlo");
        List<String> command = new ArrayList<>();
        if (script == null) {
            command.addAll(List.of(
                    jdk("java"),
                    "-XX:+UseSerialGC",
                    "-Xms32m",
                    HEAP,
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.ehlo.smtp.mta.Ehlo"));
        } else {
            command.add(script);
        }
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("EHLO_JAVA_OPTS", HEAP);
        return builder;
    }

    private static String jdk(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    private static String run(String input, ProcessBuilder builder) throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).start();
        try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
            in.write(input + "\n");
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(builder.command() + ": " + out);
        }
        return out;
    }

    /** Where that profile listens. */
    InetSocketAddress address(String profile) {
        for (String line : said) {
            Matcher matcher = ADDRESS.matcher(line);
            if (matcher.matches() && matcher.group(1).equals(profile)) {
                return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(matcher.group(2)));
            }
        }
        throw new IllegalStateException("no profile " + profile + " in " + said);
    }

    /** What it holds now; it stands still meanwhile. */
    Memory memory() throws IOException, InterruptedException {
        String pid = String.valueOf(process.pid());
        String histogram = run("", new ProcessBuilder(jdk("jcmd"), pid, "GC.class_histogram"));
        String status = Files.readString(Path.of("/proc", pid, "status"));
        return new Memory(number(TOTAL, histogram), number(RESIDENT, status) * 1024);
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Lines of its log that are errors. */
    List<String> errors() throws IOException {
        try (Stream<String> lines = Files.lines(data.resolve("log"))) {
            return lines.filter(line -> line.contains(" ERROR ") || line.contains("OutOfMemoryError"))
                    .limit(3)
                    .toList();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

package dev.ehlo.smtp.mta;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ./ehlo serve} or {@code ./ehlo sink}, as a user starts it: a process of its own, on free ports. */
final class EhloProcess implements AutoCloseable {
    static final Path SCRIPT = Path.of("..", "ehlo").toAbsolutePath().normalize();
    private static final long START_SECONDS = 60;

    private final Process process;
    private final BufferedReader out;
    private final List<String> lines = new ArrayList<>();

    private EhloProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** A server with its data there, all profiles on free ports unless told otherwise, ready when this returns. */
    static EhloProcess serve(Path data, String... options) throws IOException, TimeoutException {
        return serveUnder(List.of(), data, options);
    }

    /** As {@link #serve}, run by another command. */
    static EhloProcess serveUnder(List<String> runner, Path data, String... options)
            throws IOException, TimeoutException {
        List<String> command = new ArrayList<>(runner);
        command.addAll(command(data, options));
        return start(command, data.resolveSibling(data.getFileName() + ".log"));
    }

    /** What {@link #serve} runs. */
    static List<String> command(Path data, String... options) {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString(), "serve", "--data", data.toString()));
        for (String profile : List.of("mx", "submission", "submissions", "alternate")) {
            if (List.of(options).stream().noneMatch(o -> o.startsWith(profile + "="))) {
                command.addAll(List.of("--port", profile + "=0"));
            }
        }
        command.addAll(List.of(options));
        return command;
    }

    static EhloProcess start(List<String> command, Path log) throws IOException, TimeoutException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        EhloProcess ehlo = new EhloProcess(process);
        try {
            ehlo.awaitReady(log);
        } catch (IOException | TimeoutException | RuntimeException e) {
            ehlo.kill();
            throw e;
        }
        return ehlo;
    }

    private void awaitReady(Path log) throws IOException, TimeoutException {
        long start = System.nanoTime();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
            if (line.startsWith("ready")) {
                return;
            }
            if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(START_SECONDS)) {
                throw new TimeoutException("not ready: " + lines);
            }
        }
        throw new IOException("ended before it was ready: " + lines + Files.readString(log));
    }

    /** What it said on stdout until it was ready. */
    List<String> lines() {
        return lines;
    }

    /** What it says next on stdout. */
    String nextLine() throws IOException {
        return out.readLine();
    }

    long pid() {
        return process.pid();
    }

    int port(String profile) {
        return Integer.parseInt(find(profile + " +127\\.0\\.0\\.1:([0-9]+) .*"));
    }

    /** The password of the login made on the first start. */
    String password() {
        return find("login +user, password ([^ ]+) .*");
    }

    private String find(String regex) {
        Pattern pattern = Pattern.compile(regex);
        for (String line : lines) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        throw new AssertionError("no line " + regex + " in " + lines);
    }

    /** SIGTERM, and the exit code that follows. */
    int stop() throws InterruptedException, TimeoutException {
        process.destroy();
        return exitCode();
    }

    /** As {@link #stop}, of one that is run by another command, which ends with it. */
    int stopUnder() throws InterruptedException, TimeoutException {
        process.descendants().forEach(ProcessHandle::destroy);
        return exitCode();
    }

    int exitCode() throws InterruptedException, TimeoutException {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            throw new TimeoutException("still running");
        }
        return process.exitValue();
    }

    /** SIGKILL, also of what it runs. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** A port where nobody listens, as far as one can know. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What a command of ours or of a peer came to. */
    record Result(int exitCode, String out, String err) {
        /** Both streams, for messages. */
        String all() {
            return "exit code " + exitCode + "\n" + out + err;
        }
    }

    /** Runs {@code ./ehlo} with these arguments to its end. */
    static Result run(Path scratch, String input, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
        command.addAll(List.of(arguments));
        return exec(scratch, input, Map.of(), command);
    }

    static Result exec(Path scratch, String input, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path in = Files.createTempFile(scratch, "in", "");
        Path out = Files.createTempFile(scratch, "out", "");
        Path err = Files.createTempFile(scratch, "err", "");
        Files.writeString(in, input, StandardCharsets.ISO_8859_1);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("still running after two minutes: " + command);
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}

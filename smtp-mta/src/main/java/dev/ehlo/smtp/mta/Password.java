package dev.ehlo.smtp.mta;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;

/** Where a password comes from: drawn, read from standard input, or asked for at the terminal. */
final class Password {
    /** Without letters and digits that look alike, and with nothing that a shell would take apart. */
    private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    /** 20 of 56 characters: 116 bits. */
    private static final int LENGTH = 20;

    private Password() {}

    static String random(Random random) {
        StringBuilder password = new StringBuilder(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            password.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return password.toString();
    }

    /**
     * The first line of the stream.
     *
     * @param where it is read from, to be said if there is none
     */
    static String firstLine(InputStream in, String where) throws IOException, Failure {
        String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
        if (line == null || line.isEmpty()) {
            throw new Failure("no password " + where);
        }
        return line;
    }

    /** The first line of the file. */
    static String inFile(Path file) throws IOException, Failure {
        try (InputStream in = Files.newInputStream(file)) {
            return firstLine(in, "in " + file);
        }
    }

    /** What is typed at the terminal, unseen. Whether there is one the launcher says; newer JVMs have a console without. */
    static String ask(String login) throws Failure {
        if (!Boolean.getBoolean("ehlo.interactive")) {
            throw new Failure("no password for " + login + ", and no terminal to ask at: set EHLO_PASSWORD");
        }
        char[] typed = Objects.requireNonNull(System.console()).readPassword("Password for %s: ", login);
        if (typed == null || typed.length == 0) {
            throw new Failure("no password for " + login);
        }
        return new String(typed);
    }
}

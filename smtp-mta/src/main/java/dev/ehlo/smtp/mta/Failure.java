package dev.ehlo.smtp.mta;

/** Something that the one who typed the command can mend, said in one line; the command then ends with exit code 2. */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }

    Failure(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.ehlo.smtp.testkit;

/** Who says a line of a dialogue. */
enum Side {
    CLIENT,
    SERVER;

    Side other() {
        return this == CLIENT ? SERVER : CLIENT;
    }
}

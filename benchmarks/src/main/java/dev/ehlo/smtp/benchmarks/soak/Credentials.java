package dev.ehlo.smtp.benchmarks.soak;

/** A login and what is said to be its password. */
record Credentials(String name, String password) {}

package dev.ehlo.smtp.client;

/**
 * Credentials for one host. Equal by value; a part of what connections are shared by.
 *
 * @param host the host's name, as it was asked for
 * @param inClear whether they may be sent without TLS
 */
record Login(Credentials credentials, String host, int port, boolean inClear) {}

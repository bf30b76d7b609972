/**
 * What a message costs a client, beside other clients: {@link dev.ehlo.smtp.benchmarks.client.ClientLoad} is the process
 * of each, which {@code benchmarks/client.sh} has send in turns. The others are compiled with {@code -Ppeers} only.
 */
@NullMarked
package dev.ehlo.smtp.benchmarks.client;

import org.jspecify.annotations.NullMarked;

package dev.ehlo.smtp.client.sasl;

import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.octets;
import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.said;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.sasl.ScramHash;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The client against a server that was written from the RFC without it. */
class ScramProperties {
    @Property(tries = 60)
    void agreesWithTheReference(
            @ForAll ScramHash hash,
            @ForAll("names") String user,
            @ForAll("names") String password,
            @ForAll("names") String typed,
            @ForAll @Size(min = 1, max = 40) byte[] salt,
            @ForAll @IntRange(min = 4096, max = 4500) int iterations,
            @ForAll("bindings") ScramBinding binding,
            @ForAll boolean isRight) {
        String given = isRight ? password : typed;
        ScramExchange client = new ScramExchange(hash, user, new ScramPassword(given), binding, "c-nonce");
        ReferenceScram server = new ReferenceScram(
                hash == ScramHash.SHA_1 ? "SHA-1" : "SHA-256", user, password, salt, iterations, channelOf(binding));
        String challenge = server.first(said(client, client.begin()), "s-nonce");
        String verdict = server.last(said(client, client.answer(octets(challenge))));
        said(client, client.answer(octets(verdict)));
        assertThat(verdict.startsWith("v=")).isEqualTo(given.equals(password));
        assertThat(client.isComplete()).isEqualTo(given.equals(password));
    }

    /** Behind the header. */
    private static byte[] channelOf(ScramBinding binding) {
        byte[] input = binding.input();
        return Arrays.copyOfRange(input, binding.header().length(), input.length);
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().ofMinLength(1).ofMaxLength(20).withChars("abc=,\u00e4\u65e5 ");
    }

    @Provide
    Arbitrary<ScramBinding> bindings() {
        return Arbitraries.of(
                ScramBinding.NONE,
                ScramBinding.NOT_OFFERED,
                ScramBinding.to("tls-exporter", new byte[] {1, 2, 3}),
                ScramBinding.to("tls-server-end-point", new byte[32]));
    }
}

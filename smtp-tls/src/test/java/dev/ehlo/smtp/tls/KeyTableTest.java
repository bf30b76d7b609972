package dev.ehlo.smtp.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTableTest {
    private static final List<String> ECDSA = List.of("SHA256withECDSA");
    private static final List<String> PSS = List.of("RSASSA-PSS");
    private static final List<String> BOTH = List.of("RSASSA-PSS", "SHA256withECDSA");

    private static KeyTable table;

    @BeforeAll
    static void make(@TempDir Path directory) throws Exception {
        TestAuthority authority = new TestAuthority(directory, "root");
        List<CertifiedKey> keys = new ArrayList<>();
        for (String[] issued : new String[][] {
            {"EC", "mx.example.org"},
            {"RSA", "mx.example.org", "imap.example.org"},
            {"EC", "*.example.net", "*.a.example.net"},
            {"RSA", "*.example.net"},
            {"secp384r1", "mx.example.net"},
            {"EC", "f*.example.com", "*.*.example.com", "*"},
        }) {
            String[] names = java.util.Arrays.copyOfRange(issued, 1, issued.length);
            TestAuthority.Issued made = authority.issue(issued[0], issued[0], names);
            keys.add(new CertifiedKey(made.chain(), made.key()));
        }
        table = new KeyTable(keys);
    }

    @ParameterizedTest
    @CsvSource({
        "mx.example.org, 0",
        "imap.example.org, -1",
        "x.example.net, 2",
        "x.a.example.net, 2",
        "x.b.example.net, 0",
        "example.net, 0",
        ".example.net, 0",
        "foo.example.com, 0",
        "a.b.example.com, 0",
        "localhost, 0",
        "*.example.net, 2",
        "'', 0"
    })
    void findsAnEcdsaKeyByName(String name, int index) {
        assertThat(table.choose("EC", name, List.of(), false)).isEqualTo(index);
    }

    @Test
    void showsTheDefaultToWhoAsksForNoName() {
        assertThat(table.choose("EC", null, BOTH, true)).isZero();
        assertThat(table.choose("RSA", null, PSS, true)).isEqualTo(1);
        assertThat(table.choose("RSA", null, BOTH, false)).isEqualTo(1);
    }

    @Test
    void prefersEcdsaInTls13WhateverTheClientAsksFirst() {
        assertThat(table.choose("RSA", "mx.example.org", BOTH, true)).isEqualTo(-1);
        assertThat(table.choose("EC", "mx.example.org", BOTH, true)).isZero();
        assertThat(table.choose("RSA", "mx.example.org", PSS, true)).isEqualTo(1);
        assertThat(table.choose("RSA", "imap.example.org", BOTH, true)).isEqualTo(1);
    }

    @Test
    void passesOverACurveThatTheClientDoesNotTake() {
        assertThat(table.choose("EC", "mx.example.net", List.of("SHA384withECDSA"), true))
                .isEqualTo(4);
        assertThat(table.choose("EC", "mx.example.net", ECDSA, true)).isEqualTo(2);
        assertThat(table.choose("RSA", "mx.example.net", PSS, true)).isEqualTo(3);
        assertThat(table.choose("EC", "mx.example.net", ECDSA, false)).isEqualTo(4);
    }

    @Test
    void showsAnotherNameRatherThanNothing() {
        assertThat(table.choose("EC", "imap.example.org", ECDSA, true)).isZero();
        assertThat(table.choose("EdDSA", "mx.example.org", List.of("Ed25519"), true))
                .isEqualTo(-1);
    }
}

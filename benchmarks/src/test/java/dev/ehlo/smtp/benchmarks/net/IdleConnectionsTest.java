package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Short, unless the profile {@code soak} makes it long. */
@Timeout(1100)
class IdleConnectionsTest {
    @Test
    void costLittleAndDoNotGrowInClear() throws Exception {
        IdleConnections.run(set("idle", 300), set("active", 20), set("seconds", 2), null);
    }

    @Test
    void costLittleAndDoNotGrowUnderTls() throws Exception {
        TlsContext trust = TlsContext.client(ClientTrust.insecure(), "mx.example.org");
        IdleConnections.run(set("idle", 300), set("active", 20), set("seconds", 2), trust);
    }

    private static int set(String name, int otherwise) {
        return Integer.getInteger("soak." + name, otherwise);
    }
}

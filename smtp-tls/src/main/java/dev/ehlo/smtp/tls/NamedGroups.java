package dev.ehlo.smtp.tls;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The groups of a key exchange in our order, where the JVM lets them be told (20 and later). It passes over those that
 * it does not know, so that the hybrid one, secure against quantum computers to come, switches itself on where a JVM
 * has it. Before 20 the JVM's own order stands: x25519, secp256r1, secp384r1, ….
 */
final class NamedGroups {
    private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1", "secp521r1"};

    private static final @Nullable MethodHandle SETTER = setter();

    private NamedGroups() {}

    static void set(SSLParameters parameters) {
        if (SETTER != null) {
            try {
                SETTER.invokeExact(parameters, GROUPS.clone());
            } catch (Throwable e) { // the method declares none, but a handle does
                throw new IllegalStateException("the named groups cannot be told", e);
            }
        }
    }

    private static @Nullable MethodHandle setter() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(
                            SSLParameters.class, "setNamedGroups", MethodType.methodType(void.class, String[].class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }
}

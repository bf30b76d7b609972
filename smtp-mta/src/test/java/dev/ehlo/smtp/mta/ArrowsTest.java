package dev.ehlo.smtp.mta;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The arrows between the modules, as ARCHITECTURE.md draws them. */
class ArrowsTest {
    private static final Map<String, Set<String>> ARROWS = Map.of(
            "codec", Set.of(),
            "tls", Set.of("org.bouncycastle.pkix", "org.bouncycastle.provider", "org.jctools.core.jdk11", "org.slf4j"),
            "server", Set.of("dev.ehlo.smtp.codec", "dev.ehlo.smtp.tls", "java.management", "org.slf4j"),
            "client", Set.of("dev.ehlo.smtp.codec", "dev.ehlo.smtp.tls", "java.net.http", "org.dnsjava", "org.slf4j"),
            "queue", Set.of("dev.ehlo.smtp.codec", "org.jctools.core.jdk11", "org.slf4j"),
            "testkit", Set.of("dev.ehlo.smtp.codec"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.ehlo.smtp");

    @Test
    void siblingsMeetInTheMailServerAlone() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("codec")
                .definedBy("dev.ehlo.smtp", "dev.ehlo.smtp.codec..", "dev.ehlo.smtp.grammar..")
                .layer("tls")
                .definedBy("dev.ehlo.smtp.tls..")
                .layer("server")
                .definedBy("dev.ehlo.smtp.server..")
                .layer("client")
                .definedBy("dev.ehlo.smtp.client..")
                .layer("queue")
                .definedBy("dev.ehlo.smtp.queue..")
                .layer("mta")
                .definedBy("dev.ehlo.smtp.mta..")
                .whereLayer("codec")
                .mayNotAccessAnyLayer()
                .whereLayer("tls")
                .mayNotAccessAnyLayer()
                .whereLayer("queue")
                .mayOnlyAccessLayers("codec")
                .whereLayer("server")
                .mayOnlyAccessLayers("codec", "tls")
                .whereLayer("client")
                .mayOnlyAccessLayers("codec", "tls")
                .whereLayer("mta")
                .mayNotBeAccessedByAnyLayer()
                .check(CLASSES);
    }

    @Test
    void noTwoModulesDependOnEachOther() {
        slices().matching("dev.ehlo.smtp.(tls|server|client|queue|mta)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void moduleDescriptorsRequireWhatTheArrowsSayAndNoMore() throws Exception {
        for (Map.Entry<String, Set<String>> arrow : ARROWS.entrySet()) {
            ModuleDescriptor module = descriptor("smtp-" + arrow.getKey());
            Set<String> required = module.requires().stream()
                    .filter(r -> !r.modifiers().contains(Requires.Modifier.STATIC))
                    .map(Requires::name)
                    .filter(n -> !n.equals("java.base"))
                    .collect(Collectors.toSet());
            assertThat(required).as(module.name()).isEqualTo(arrow.getValue());
            assertThat(module.isOpen()).isFalse();
        }
    }

    private static ModuleDescriptor descriptor(String directory) throws Exception {
        Path file = Path.of("..", directory, "target", "classes", "module-info.class");
        try (InputStream in = Files.newInputStream(file)) {
            return ModuleDescriptor.read(in);
        }
    }
}

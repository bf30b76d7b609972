package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DeliverBy;
import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.DsnReturn;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageId;
import dev.ehlo.smtp.MessageIds;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.RequireRecipientValidSince;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.ClientAttribute;
import dev.ehlo.smtp.codec.ClientAttributes;
import dev.ehlo.smtp.codec.CommandEncoder;
import dev.ehlo.smtp.codec.SaslPlain;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each public method of the exported packages that takes text: what can come to the wire by it is refused if it holds
 * CR, LF or NUL, wherever in it. A method that nobody has entered here fails the test that looks for it.
 */
class EveryArgumentTest {
    private static final List<String> EVIL = List.of("\r", "\n", "\0", "\r\n", "\r\nRSET\r\n");
    private static final List<Class<?>> ROOTS =
            List.of(SmtpClient.class, Envelope.class, Capabilities.class, TlsContext.class);

    /**
     * One parameter of a method.
     *
     * @param method as {@link #signature} has it
     * @param good what it takes
     */
    record Argument(String method, String good, Function<String, Object> call) {
        @Override
        public String toString() {
            return method + " " + good;
        }
    }

    private static Argument arg(String method, String good, Function<String, Object> call) {
        return new Argument(method, good, call);
    }

    static List<Argument> onTheWire() {
        return List.of(
                arg(
                        "SmtpClient.Builder.localName(String)",
                        "a.example",
                        s -> SmtpClient.builder().localName(s)),
                arg("Smarthost.relay(String,int)", "a.example", s -> Smarthost.relay(s, 25)),
                arg("Smarthost.lmtp(String,int)", "a.example", s -> Smarthost.lmtp(s, 24)),
                arg("Smarthost.submission(String)", "a.example", Smarthost::submission),
                arg("Smarthost.submissions(String)", "a.example", Smarthost::submissions),
                arg("Smarthost.certifiedAs(String)", "a.example", s -> host().certifiedAs(s)),
                arg("Smarthost.login(String,String)", "user", s -> host().login(s, "x")),
                arg("Smarthost.login(String,String)", "secret", s -> host().login("x", s)),
                arg("Smarthost.loginEvenInClear(String,String)", "user", s -> host().loginEvenInClear(s, "x")),
                arg("Smarthost.loginEvenInClear(String,String)", "secret", s -> host().loginEvenInClear("x", s)),
                arg("SmarthostPresets.amazonSes(String)", "eu-west-1", SmarthostPresets::amazonSes),
                arg("SmarthostPresets.powerMta(String)", "a.example", SmarthostPresets::powerMta),
                arg("Credentials.password(String,String)", "user", s -> Credentials.password(s, "x")),
                arg("Credentials.password(String,String)", "secret", s -> Credentials.password("x", s)),
                arg("Credentials.token(String,String)", "user", s -> Credentials.token(s, "x")),
                arg("Credentials.token(String,TokenSupplier)", "user", s -> Credentials.token(s, refused -> null)),
                arg("BodyType.parse(String)", "8BITMIME", BodyType::parse),
                arg("DeliverBy.parse(String)", "120;R", DeliverBy::parse),
                arg("DsnNotify.parse(String)", "SUCCESS,DELAY", DsnNotify::parse),
                arg("DsnReturn.parse(String)", "HDRS", DsnReturn::parse),
                arg("EnhancedStatusCode.parse(String)", "5.1.1", EnhancedStatusCode::parse),
                arg("Envelope.from(String)", "a@example.org", Envelope::from),
                arg(
                        "Envelope.to(String[])",
                        "a@example.org",
                        s -> Envelope.from("").to(s)),
                arg("EsmtpParameter.envelopeId(String)", "QQ314159", EsmtpParameter::envelopeId),
                arg("EsmtpParameter(String,String)", "ENVID", s -> new EsmtpParameter(s, "x")),
                arg("EsmtpParameter(String,String)", "x", s -> new EsmtpParameter("ENVID", s)),
                arg("Mailbox.parse(String)", "a@example.org", Mailbox::parse),
                arg("Mailbox(String,String)", "a", s -> new Mailbox(s, "example.org")),
                arg("Mailbox(String,String)", "example.org", s -> new Mailbox("a", s)),
                arg("MessageId(String,String)", "1", s -> new MessageId(s, "example.org")),
                arg("MessageId(String,String)", "example.org", s -> new MessageId("1", s)),
                arg(
                        "MessageIds(String,InstantSource,RandomGenerator)",
                        "example.org",
                        s -> new MessageIds(s, InstantSource.system(), new Random(1))),
                arg("OriginalRecipient.parse(String)", "rfc822;a@example.org", OriginalRecipient::parse),
                arg("OriginalRecipient(String,String)", "rfc822", s -> new OriginalRecipient(s, "a@example.org")),
                arg("OriginalRecipient(String,String)", "a@example.org", s -> new OriginalRecipient("rfc822", s)),
                arg(
                        "ClientAttributes(Verb,Map)",
                        "user",
                        s -> new ClientAttributes(Verb.XCLIENT, Map.of(ClientAttribute.LOGIN, s))),
                arg("Rate.parse(String)", "60/m", Rate::parse),
                arg("Recipient.of(String)", "a@example.org", Recipient::of),
                arg("Reply.of(int,EnhancedStatusCode,String[])", "ok", s -> Reply.of(250, code(), s)),
                arg("Reply.of(int,List)", "ok", s -> Reply.of(250, List.of("one", s))),
                arg("Reply.of(int,String,String)", "2.0.0", s -> Reply.of(250, s, "ok")),
                arg("Reply.of(int,String,String)", "ok", s -> Reply.of(250, "2.0.0", s)),
                arg("Reply.of(int,String)", "ok", s -> Reply.of(250, s)),
                arg("Reply.parse(String)", "250 ok", Reply::parse),
                arg("Reply(int,EnhancedStatusCode,List)", "ok", s -> new Reply(250, null, List.of(s))),
                arg(
                        "RequireRecipientValidSince.parse(String)",
                        "2026-11-22T00:00:00Z",
                        RequireRecipientValidSince::parse),
                arg("ReversePath.parse(String)", "a@example.org", ReversePath::parse),
                arg("Capabilities.with(Extension,String[])", "1", s -> Capabilities.NONE.with(Extension.SIZE, s)),
                arg("Capabilities.with(String,String[])", "XONE", s -> Capabilities.NONE.with(s, "1")),
                arg("Capabilities.with(String,String[])", "1", s -> Capabilities.NONE.with("XONE", s)),
                arg("Capabilities.toReply(String)", "mx.example", s -> Capabilities.NONE.toReply(s)),
                arg("Capabilities(Map)", "XONE", s -> new Capabilities(Map.of(s, List.of()))),
                arg("Capabilities(Map)", "1", s -> new Capabilities(Map.of("XONE", List.of(s)))),
                arg("CommandEncoder.line(ByteBuffer,String)", "XONE", s -> put(out -> CommandEncoder.line(out, s))),
                arg(
                        "CommandEncoder.command(ByteBuffer,Verb,String)",
                        "a.example",
                        s -> put(out -> CommandEncoder.command(out, Verb.EHLO, s))),
                arg(
                        "CommandEncoder.auth(ByteBuffer,String,byte[])",
                        "PLAIN",
                        s -> put(out -> CommandEncoder.auth(out, s, null))));
    }

    /** What comes to no wire as it is given, and why. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("ClientAttributes.parse(Verb,String)", "reads what a client said"),
            Map.entry("SaslPlain(String,String,String)", "goes out in base64; NUL is refused by it, see SaslPlainTest"),
            Map.entry("Reply.quoting(int,String,String)", "escapes what it quotes"),
            Map.entry("EsmtpKeyword.find(String)", "looks it up"),
            Map.entry("EsmtpKeyword.takes(String)", "compares it with a grammar"),
            Map.entry("EsmtpParameters.find(String)", "looks it up"),
            Map.entry("EsmtpParameters.without(String)", "looks it up"),
            Map.entry("Extension.find(String)", "looks it up"),
            Map.entry("Mechanism.of(String)", "looks it up"),
            Map.entry("ChannelBinding.of(SSLEngine,String)", "looks it up"),
            Map.entry("Capabilities.has(String)", "looks it up"),
            Map.entry("Mailbox.isAt(String)", "compares it"),
            Map.entry("MessageId.find(String)", "reads a field"),
            Map.entry("MessageDate.parse(String)", "reads a field"),
            Map.entry("AddressList.mailboxes(String)", "reads a field"),
            Map.entry("ProxyTlv.text(int,String)", "what a proxy said, in front of the session"),
            Map.entry("RecipientOutcome(Recipient,DeliveryStatus,Reply,String)", "tells what happened"),
            Map.entry("RecipientOutcome.replied(Recipient,Reply,String)", "tells what happened"),
            Map.entry("RemoteHost(String,InetSocketAddress,TlsFacts,Set)", "tells what happened"),
            Map.entry("RemoteHost.named(String)", "tells what happened"),
            Map.entry("TlsFacts(String,String,boolean)", "tells what happened"),
            Map.entry("TlsSession(String,String,List,Optional,Optional,boolean,Optional)", "tells what happened"),
            Map.entry("TlsReportAddresses.of(String)", "asked of DNS"),
            Map.entry("TlsReportRecord(boolean,List,String)", "tells what DNS says"),
            Map.entry("TlsVerdict(boolean,boolean,String)", "tells what happened"),
            Map.entry("TlsVerdict(boolean,boolean,String,Optional)", "tells what happened"),
            Map.entry("TlsResult(Policy,String,Optional,Optional,Optional,String)", "tells what happened"),
            Map.entry("TlsResult.Policy(Type,List,String,List)", "tells what happened"),
            Map.entry("LoopHealth(String,long,long,long,int,int)", "tells what happened"),
            Map.entry("ChannelBinding(String,byte[])", "comes from a TLS session"),
            Map.entry("ClientKey.pem(Path,Path,char[])", "opens a file"),
            Map.entry("ClientKey.pkcs12(Path,char[])", "opens a file"),
            Map.entry("TlsContext.pem(Path,Path,char[])", "opens a file"),
            Map.entry("TlsServerBuilder.certificate(Path,Path,char[])", "opens a file"),
            Map.entry("TlsServerBuilder.pkcs12(Path,char[])", "opens a file"),
            Map.entry(
                    "TlsContext.client(ClientTrust,String)",
                    "asked for by SNI, which JSSE leaves out if it is no name"),
            Map.entry("TlsContext.toward(String)", "asked for by SNI, which JSSE leaves out if it is no name"),
            Map.entry("TlsContext.toward(String,int)", "asked for by SNI, which JSSE leaves out if it is no name"),
            Map.entry("TlsContext.selfSigned(String[])", "the names of this side, in a certificate"),
            Map.entry("TlsContext.writeSelfSigned(Path,Path,List)", "the names of this side, in a certificate"),
            Map.entry("TlsPolicy.dane(List,List)", "names to compare with a certificate's"),
            Map.entry("TlsPolicy.mtaSts(List,ClientTrust)", "names to compare with a certificate's"),
            Map.entry("TlsPolicy.judge(List,String,Instant)", "a name to compare with a certificate's"),
            Map.entry("DialogueListener.sent(String)", "the user's, told of escaped lines"),
            Map.entry("DialogueListener.received(String)", "the user's, told of escaped lines"),
            Map.entry("DialogueListener.secured(String)", "the user's, told of escaped lines"),
            Map.entry("TokenSupplier.token(Optional)", "the user's"),
            Map.entry("MxResolver.resolve(String)", "the user's"),
            Map.entry("SubmissionDiscovery.confirming(Predicate)", "the user's"),
            Map.entry("SubmissionDiscovery.of(String)", "asked of DNS, and compared with a certificate's names"),
            Map.entry("SmarthostPresets.isHost(String)", "compared with names"),
            Map.entry("SrvResolver.resolve(String,String)", "the user's, or asked of DNS"),
            Map.entry("RecordResolver.resolve(String,RecordType)", "asked of DNS: see RecordResolverTest"),
            Map.entry("RecordAnswer.Records(List,boolean)", "as DNS says it"),
            Map.entry("RecordAnswer.Failed(String)", "is shown, and escaped by who made it"),
            Map.entry("StsReport.of(String,RecordResolver,Builder,Duration)", "a domain that is looked up"),
            Map.entry("StsReport(boolean,Optional,String)", "is shown, and escaped by who made it"),
            Map.entry("StsPolicy.includes(String)", "a name to compare with the policy's"),
            Map.entry("SrvTarget(String,int,int,int)", "as DNS says it, as MxHost"),
            Map.entry("MxHost(String,int,List)", "as DNS says it: see LogForgingTest"),
            Map.entry("MxHost(String,int,List,boolean)", "as DNS says it: see LogForgingTest"),
            Map.entry("MxHost(String,int,List,boolean,TlsaAnswer)", "as DNS says it: see LogForgingTest"),
            Map.entry("MtaSts.policy(String)", "a domain that is looked up: see StsPoliciesTest"),
            Map.entry("StsPolicy(Mode,List,Duration)", "names to compare with a host's"),
            Map.entry("TlsaAnswer.Records(String,List,List)", "names to compare with a certificate's"));

    @Test
    void noMethodThatTakesTextIsForgotten() throws Exception {
        Set<String> known = new HashSet<>(ELSEWHERE.keySet());
        onTheWire().forEach(each -> known.add(each.method()));
        Set<String> there = new TreeSet<>();
        for (Class<?> root : ROOTS) {
            for (Class<?> type : publicTypesBeside(root)) {
                Stream.concat(Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()))
                        .filter(each -> Modifier.isPublic(each.getModifiers()) && !each.isSynthetic())
                        .filter(each -> takesText(each)
                                && !(type.isEnum() && each.getName().equals("valueOf")))
                        .map(EveryArgumentTest::signature)
                        .forEach(there::add);
            }
        }
        assertThat(there).hasSizeGreaterThan(80).isEqualTo(new TreeSet<>(known));
    }

    @ParameterizedTest
    @MethodSource("onTheWire")
    void refusesCrLfAndNulWhereverTheyStand(Argument argument) {
        assertThat(argument.call().apply(argument.good())).isNotNull();
        for (String evil : EVIL) {
            for (int at = 0; at <= argument.good().length(); at++) {
                String text = argument.good().substring(0, at)
                        + evil
                        + argument.good().substring(at);
                assertThatIllegalArgumentException()
                        .as(
                                "%s at %d",
                                evil.replace("\r", "CR").replace("\n", "LF").replace("\0", "NUL"), at)
                        .isThrownBy(() -> argument.call().apply(text))
                        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\r", "\n", "\0"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("onTheWire")
    void narrowsNoCharacterToCrOrLf(Argument argument) {
        for (String narrowed : List.of("\u760d\u760a", "\u010d\u010a", "\uff0d\uff0a", "\u010d", "\u010a")) {
            String text = argument.good() + narrowed;
            try {
                assertThat(argument.call().apply(text).toString()).doesNotContain("\r", "\n");
            } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).doesNotContain("\r", "\n");
            }
        }
    }

    @Test
    void refusesNulInsideOfCredentialsForPlain() {
        for (int which = 0; which < 3; which++) {
            String[] parts = {"", "user", "secret"};
            parts[which] += "\0x";
            assertThatIllegalArgumentException().isThrownBy(() -> new SaslPlain(parts[0], parts[1], parts[2]));
        }
    }

    private static Smarthost host() {
        return Smarthost.submission("a.example");
    }

    private static EnhancedStatusCode code() {
        return new EnhancedStatusCode(2, 0, 0);
    }

    /** What was put, without the CRLF that ends it. */
    private static String put(Consumer<ByteBuffer> command) {
        ByteBuffer out = ByteBuffer.allocate(1024);
        command.accept(out);
        return new String(out.array(), 0, out.position() - 2, StandardCharsets.ISO_8859_1);
    }

    private static boolean takesText(Executable each) {
        return Arrays.stream(each.getGenericParameterTypes())
                .map(Type::getTypeName)
                .anyMatch(name -> name.contains("String") || name.contains("CharSequence") || name.contains("char["));
    }

    private static String signature(Executable each) {
        String type =
                each.getDeclaringClass().getName().replaceAll("^.*\\.", "").replace('$', '.');
        String name = each instanceof Constructor ? type : type + "." + each.getName();
        return name
                + Arrays.stream(each.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    /** The public types of that class's package, as they were compiled or in their jar. */
    private static List<Class<?>> publicTypesBeside(Class<?> root)
            throws IOException, URISyntaxException, ClassNotFoundException {
        Path classes =
                Path.of(root.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> types = new ArrayList<>();
        String folder = root.getPackageName().replace('.', '/');
        if (Files.isDirectory(classes)) {
            collect(classes.resolve(folder), root.getPackageName(), types);
        } else {
            try (FileSystem jar = FileSystems.newFileSystem(classes)) {
                collect(jar.getPath(folder), root.getPackageName(), types);
            }
        }
        return types;
    }

    private static void collect(Path folder, String packageName, List<Class<?>> types)
            throws IOException, ClassNotFoundException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class") && !name.endsWith("-info.class")) {
                    Class<?> type = Class.forName(
                            packageName + "." + name.substring(0, name.length() - 6),
                            false,
                            EveryArgumentTest.class.getClassLoader());
                    if (isPublic(type)) {
                        types.add(type);
                    }
                }
            }
        }
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
    }
}

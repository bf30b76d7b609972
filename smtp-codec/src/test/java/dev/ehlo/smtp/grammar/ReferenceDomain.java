package dev.ehlo.smtp.grammar;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Internationalized domain names again, slow and plain, on texts: what the fast check is held against. */
public final class ReferenceDomain {
    private static final Pattern LABEL =
            Pattern.compile("[A-Za-z0-9[^\\x00-\\x7f]](?:[A-Za-z0-9[^\\x00-\\x7f]-]*[A-Za-z0-9[^\\x00-\\x7f]])?");
    private static final Pattern U_LABEL =
            Pattern.compile("(?![\\p{Mn}\\p{Mc}])(?!..--)[A-Za-z0-9-[\\p{Ll}\\p{Lo}\\p{Lm}\\p{Nd}\\p{Mn}\\p{Mc}"
                    + "\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u30fb"
                    + "&&[^\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]]]+");

    private ReferenceDomain() {}

    /** Whether the octets, one character each, are a domain name. */
    public static boolean isDomain(String octets) {
        String text = new String(octets.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        boolean wellFormed =
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1).equals(octets);
        String ascii = wellFormed ? toAscii(text) : null;
        return ascii != null && octets.length() <= 255 && ascii.length() <= 255;
    }

    /** The domain in A-labels, or null. */
    public static @Nullable String toAscii(String text) {
        List<String> labels = new ArrayList<>();
        for (String label : text.split("\\.", -1)) {
            String ascii = label;
            if (!LABEL.matcher(label).matches()) {
                return null;
            } else if (!label.matches("\\p{ASCII}*")) {
                if (!U_LABEL.matcher(label).matches() || !Normalizer.isNormalized(label, Normalizer.Form.NFKC)) {
                    return null;
                }
                ascii = "xn--" + encode(label);
            } else if (label.matches("(?i)xn--.*") && decode(label.substring(4)) == null) {
                return null;
            }
            if (ascii.length() > 63) {
                return null;
            }
            labels.add(ascii);
        }
        return String.join(".", labels);
    }

    /** RFC 3492 §6.3, as it stands there. */
    static String encode(String label) {
        return encode(label.codePoints().toArray());
    }

    /** Also of what is no code point. */
    static String encode(int... input) {
        StringBuilder output = new StringBuilder();
        Arrays.stream(input).filter(c -> c < 0x80).forEach(output::appendCodePoint);
        int b = output.length();
        if (b > 0) {
            output.append('-');
        }
        int n = 0x80;
        int delta = 0;
        int bias = 72;
        int h = b;
        while (h < input.length) {
            int bound = n;
            int m = Arrays.stream(input).filter(c -> c >= bound).min().orElseThrow();
            delta = Math.addExact(delta, Math.multiplyExact(m - n, h + 1));
            n = m;
            for (int c : input) {
                if (c < n) {
                    delta++;
                }
                if (c == n) {
                    int q = delta;
                    for (int k = 36; ; k += 36) {
                        int t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
                        if (q < t) {
                            break;
                        }
                        output.append(digit(t + (q - t) % (36 - t)));
                        q = (q - t) / (36 - t);
                    }
                    output.append(digit(q));
                    bias = adapt(delta, h + 1, h == b);
                    delta = 0;
                    h++;
                }
            }
            delta++;
            n++;
        }
        return output.toString();
    }

    /** RFC 3492 §6.2, as it stands there; null for what is no Punycode, or of ASCII alone. */
    static @Nullable String decode(String punycode) {
        int delimiter = punycode.lastIndexOf('-');
        String basic = delimiter > 0 ? punycode.substring(0, delimiter) : "";
        String rest = delimiter > 0 ? punycode.substring(delimiter + 1) : punycode;
        List<Integer> output = new ArrayList<>(basic.codePoints().boxed().toList());
        int n = 0x80;
        int i = 0;
        int bias = 72;
        int at = 0;
        try {
            while (at < rest.length()) {
                int old = i;
                int w = 1;
                for (int k = 36; ; k += 36) {
                    if (at == rest.length()) {
                        return null;
                    }
                    int digit =
                            "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(Character.toLowerCase(rest.charAt(at++)));
                    if (digit < 0) {
                        return null;
                    }
                    i = Math.addExact(i, Math.multiplyExact(digit, w));
                    int t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
                    if (digit < t) {
                        break;
                    }
                    w = Math.multiplyExact(w, 36 - t);
                }
                bias = adapt(i - old, output.size() + 1, old == 0);
                n = Math.addExact(n, i / (output.size() + 1));
                i %= output.size() + 1;
                if (n > 0x10ffff || n >= 0xd800 && n < 0xe000) {
                    return null;
                }
                output.add(i++, n);
            }
        } catch (ArithmeticException overflow) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        output.forEach(text::appendCodePoint);
        return rest.isEmpty() ? null : text.toString();
    }

    private static int adapt(int difference, int count, boolean first) {
        int delta = first ? difference / 700 : difference / 2;
        delta += delta / count;
        int k = 0;
        while (delta > 455) {
            delta /= 35;
            k += 36;
        }
        return k + 36 * delta / (delta + 38);
    }

    private static char digit(int value) {
        return "abcdefghijklmnopqrstuvwxyz0123456789".charAt(value);
    }
}

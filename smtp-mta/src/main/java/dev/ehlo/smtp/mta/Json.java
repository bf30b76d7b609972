package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The little of JSON that is printed. RFC 8259. */
final class Json {
    private Json() {}

    /** An object with these members, of which those named stand without quotes if they are numbers, true or false. */
    static String object(Map<String, String> members, Set<String> bare) {
        StringBuilder object = new StringBuilder("{");
        for (Map.Entry<String, String> member : members.entrySet()) {
            String value = member.getValue();
            object.append(object.length() == 1 ? "" : ",")
                    .append(quoted(member.getKey()))
                    .append(':')
                    .append(bare.contains(member.getKey()) && isLiteral(value) ? value : quoted(value));
        }
        return object.append('}').toString();
    }

    /** A value: a map, a list, a whole number, true or false; text else. */
    static String value(Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(each -> quoted(String.valueOf(each.getKey())) + ':' + value(each.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
        } else if (value instanceof List<?> list) {
            return list.stream().map(Json::value).collect(Collectors.joining(",", "[", "]"));
        }
        return value instanceof Long || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static boolean isLiteral(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return value.equals("true") || value.equals("false");
            }
        }
        return !value.isEmpty();
    }

    /** A string; what would move a terminal is escaped, whether JSON asks for it or not. */
    static String quoted(String text) {
        if (Octets.isPrintable(text)) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
        StringBuilder quoted = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}

package dev.ehlo.smtp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameters of one MAIL or RCPT, in their order, each keyword once. RFC 5321 §4.1.1.11.
 *
 * @param list unmodifiable
 */
public record EsmtpParameters(List<EsmtpParameter> list) {
    /** No parameters. */
    public static final EsmtpParameters NONE = new EsmtpParameters(List.of());

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if a keyword stands twice
     */
    public EsmtpParameters {
        list = List.copyOf(list);
        Set<String> seen = new HashSet<>();
        for (EsmtpParameter parameter : list) {
            if (!seen.add(parameter.keyword())) {
                throw new IllegalArgumentException("ESMTP parameter given twice: " + parameter.keyword());
            }
        }
    }

    /** The parameter of that keyword, which is compared in upper case. */
    public Optional<EsmtpParameter> find(String keyword) {
        return list.stream().filter(p -> p.keyword().equals(keyword)).findFirst();
    }

    /**
     * These and one more.
     *
     * @throws IllegalArgumentException if the keyword is there already
     */
    public EsmtpParameters with(EsmtpParameter parameter) {
        List<EsmtpParameter> more = new ArrayList<>(list);
        more.add(parameter);
        return new EsmtpParameters(more);
    }

    /** These but for the one of that keyword, if it is there. */
    public EsmtpParameters without(String keyword) {
        return new EsmtpParameters(
                list.stream().filter(p -> !p.keyword().equals(keyword)).collect(Collectors.toList()));
    }

    /** As on the wire, one space between them. */
    @Override
    public String toString() {
        return list.stream().map(EsmtpParameter::toString).collect(Collectors.joining(" "));
    }
}

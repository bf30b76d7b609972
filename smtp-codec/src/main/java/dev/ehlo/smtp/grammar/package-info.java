/** The grammar of RFC 5321 §4.1.2 over octets, shared by the values, the parsers and the sibling modules; no API. */
@NullMarked
package dev.ehlo.smtp.grammar;

import org.jspecify.annotations.NullMarked;

/**
 * Access tokens and who checks them: {@link dev.ehlo.smtp.mta.token.SignedTokens} by the keys of who signs them, {@link
 * dev.ehlo.smtp.mta.token.IntrospectedTokens} by asking who has issued them.
 */
@NullMarked
package dev.ehlo.smtp.mta.token;

import org.jspecify.annotations.NullMarked;

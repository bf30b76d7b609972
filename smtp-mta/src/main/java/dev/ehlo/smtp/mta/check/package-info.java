/**
 * What a postmaster does by hand when mail does not go: {@link dev.ehlo.smtp.mta.check.Checker} asks DNS and knocks at
 * ports, which gives {@link dev.ehlo.smtp.mta.check.Facts}; {@link dev.ehlo.smtp.mta.check.Judgement} says what is wrong
 * with them and what to do, and asks nobody.
 *
 * <pre>
 *     Subject → Checker ─ DomainLook, HostLook → DNS, HTTPS
 *                       └ Knock → Talk         → ports
 *                 ↓
 *               Facts → Judgement → Findings
 *                 └─────────┴→ Screen, Tree
 * </pre>
 */
@NullMarked
package dev.ehlo.smtp.mta.check;

import org.jspecify.annotations.NullMarked;

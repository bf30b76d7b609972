/**
 * What the codec costs, each benchmark beside a floor: a method whose name begins with {@code floor} and which touches
 * the same octets with the least work that could do. Figures are read as ratios to it.
 */
@NullMarked
package dev.ehlo.smtp.benchmarks;

import org.jspecify.annotations.NullMarked;

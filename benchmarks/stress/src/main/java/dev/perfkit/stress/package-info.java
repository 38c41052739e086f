/**
 * Tests that are not of a module. Those of a module are in its package, as {@code *Stress}, so that
 * they reach what users do not see; what must fail is {@code Naive*}.
 */
@NullMarked
package dev.perfkit.stress;

import org.jspecify.annotations.NullMarked;

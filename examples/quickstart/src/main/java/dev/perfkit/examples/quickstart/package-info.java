/** The smallest program that uses perfkit: one cache. */
@NullMarked
package dev.perfkit.examples.quickstart;

import org.jspecify.annotations.NullMarked;

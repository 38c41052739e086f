package dev.perfkit.cache;

/**
 * What is written beside a value.
 *
 * @param createdMillis when its load began, by the wall clock
 * @param freshNanos how long it is fresh from now on
 * @param costNanos how long the load took; 0 for a value that was put
 */
record Stamp(long createdMillis, long freshNanos, long costNanos) {}

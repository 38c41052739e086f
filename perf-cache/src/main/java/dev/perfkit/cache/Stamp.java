package dev.perfkit.cache;

import java.util.List;

/**
 * What is written beside a value.
 *
 * @param createdMillis when its load began, by the wall clock
 * @param freshNanos how long it is fresh from now on
 * @param staleNanos how long after that it may take the place of a load that fails
 * @param costNanos how long the load took; 0 for a value that was put
 * @param then the time on the logical clocks before its load began
 * @param tags what it is invalidated by, besides its key
 */
record Stamp(
    long createdMillis,
    long freshNanos,
    long staleNanos,
    long costNanos,
    Marks.Reading then,
    List<String> tags) {}

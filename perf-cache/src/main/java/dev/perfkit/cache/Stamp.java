package dev.perfkit.cache;

import java.util.List;

/**
 * What is written beside a value.
 *
 * @param nowNanos when this was decided, by the monotonic clock
 * @param nowMillis the same, by the wall clock
 * @param createdMillis when its load began, by the wall clock
 * @param freshNanos how long it is fresh from that on
 * @param staleNanos how long after that it may take the place of a load that fails
 * @param costNanos how long the load took; 0 for a value that was put
 * @param then the time on the logical clocks before its load began
 * @param tags what it is invalidated by, besides its key
 */
record Stamp(
    long nowNanos,
    long nowMillis,
    long createdMillis,
    long freshNanos,
    long staleNanos,
    long costNanos,
    Marks.Reading then,
    List<String> tags) {}

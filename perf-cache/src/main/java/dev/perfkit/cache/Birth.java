package dev.perfkit.cache;

/**
 * How a value came to be.
 *
 * @param createdMillis when its load began, by the wall clock of the node that loaded it
 * @param lifeNanos how long it was to be fresh
 * @param costNanos how long its load took; 0 for one that was put
 * @param bytes the length of its stored form; 0 if that is not known
 */
record Birth(long createdMillis, long lifeNanos, long costNanos, int bytes) {}

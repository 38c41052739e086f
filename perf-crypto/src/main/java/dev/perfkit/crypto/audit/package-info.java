/**
 * A log of key operations and decrypt failures that shows when it was changed: every entry is
 * authenticated under a key that is erased right after, and chained to the one before.
 */
@NullMarked
package dev.perfkit.crypto.audit;

import org.jspecify.annotations.NullMarked;

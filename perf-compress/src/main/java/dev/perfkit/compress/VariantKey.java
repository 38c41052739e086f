package dev.perfkit.compress;

import org.jspecify.annotations.Nullable;

/**
 * What a variant is found by.
 *
 * @param level the one that was asked for; the variant itself may be of a higher one
 * @param dictionary of a coding that uses one
 */
record VariantKey(
    VariantSource source, Coding coding, int level, @Nullable ContentHash dictionary) {}

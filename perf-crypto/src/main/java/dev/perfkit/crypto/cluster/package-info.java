/**
 * What the processes that share a keyring agree through: records that change by compare-and-set,
 * and membership that ends by itself.
 */
@NullMarked
package dev.perfkit.crypto.cluster;

import org.jspecify.annotations.NullMarked;

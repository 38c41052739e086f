/**
 * Where the keys come from that encrypt other keys: a key-management service, or what stands in for
 * one.
 */
@NullMarked
package dev.perfkit.crypto.kms;

import org.jspecify.annotations.NullMarked;

/**
 * Encryption of single fields: every ciphertext is bound to the place it belongs to, in Tink's wire
 * format, near the speed of the cipher itself. {@link dev.perfkit.crypto.FieldCipher} is the entry.
 */
@NullMarked
package dev.perfkit.crypto;

import org.jspecify.annotations.NullMarked;

/**
 * Encrypted attributes of entities; needs the Jakarta Persistence API on the class path. {@link
 * dev.perfkit.crypto.jpa.EncryptedStringConverter} is the entry.
 */
@NullMarked
package dev.perfkit.crypto.jpa;

import org.jspecify.annotations.NullMarked;

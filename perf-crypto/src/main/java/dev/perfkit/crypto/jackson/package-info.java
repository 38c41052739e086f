/**
 * Encrypted properties of JSON documents; needs Jackson 2 on the class path. {@link
 * dev.perfkit.crypto.jackson.EncryptedModule} is the entry.
 */
@NullMarked
package dev.perfkit.crypto.jackson;

import org.jspecify.annotations.NullMarked;

/**
 * Encrypted columns through plain JDBC. {@link dev.perfkit.crypto.jdbc.EncryptedColumn} is the
 * entry.
 */
@NullMarked
package dev.perfkit.crypto.jdbc;

import org.jspecify.annotations.NullMarked;

package dev.perfkit.crypto.jpa;

import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import dev.perfkit.spi.Beta;
import jakarta.persistence.AttributeConverter;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts a text attribute of an entity into a column of bytes. A host writes one small class for
 * each column:
 *
 * <pre>{@code
 * @Converter
 * class EmailConverter implements EncryptedStringConverter {
 *   public FieldCipher cipher() { return Application.cipher(); }
 *   public CipherContext column() { return CipherContext.ofTable("users").column("email"); }
 * }
 * }</pre>
 *
 * <p><b>Bound to the column only.</b> A converter is not told which row it works for, so whoever
 * writes to the store can copy a value from one row of the column to another. Where that matters,
 * encrypt with {@link FieldCipher} and a context of the row, in the entity's owner. A query by
 * value does not find anything: equal texts have different ciphertexts.
 *
 * <p>A null attribute is a NULL in the column. Called by any number of threads.
 */
@Beta
public interface EncryptedStringConverter extends AttributeConverter<String, byte[]> {

  /** Returns the cipher; asked for each value, so it may be set after the entities were mapped. */
  FieldCipher cipher();

  /** Returns the table and the column. */
  CipherContext column();

  @Override
  default byte @Nullable [] convertToDatabaseColumn(@Nullable String attribute) {
    return attribute == null ? null : cipher().encrypt(attribute, column());
  }

  @Override
  default @Nullable String convertToEntityAttribute(byte @Nullable [] dbData) {
    return dbData == null ? null : cipher().decryptToString(dbData, column());
  }
}

package dev.perfkit.crypto.jackson;

import com.fasterxml.jackson.databind.DatabindContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import dev.perfkit.crypto.CipherContext;
import dev.perfkit.crypto.FieldCipher;
import org.jspecify.annotations.Nullable;

/** Who encrypts, and where a value belongs. */
record Place(FieldCipher cipher, @Nullable CipherContext otherwise) {

  /** Returns the place of a property in the document that is being written or read. */
  CipherContext of(DatabindContext document, String column) throws JsonMappingException {
    Object given = document.getAttribute(EncryptedModule.PLACE);
    if (given instanceof CipherContext context) {
      return context.column(column);
    }
    CipherContext fallback = otherwise;
    if (given == null && fallback != null) {
      return fallback.column(column);
    }
    return document.reportBadDefinition(
        Encrypted.class,
        "field cipher '"
            + cipher.name()
            + "': the attribute EncryptedModule.PLACE must be a CipherContext but was "
            + (given == null ? "not set" : given.getClass().getName())
            + "; set it with withAttribute on the reader or writer");
  }
}

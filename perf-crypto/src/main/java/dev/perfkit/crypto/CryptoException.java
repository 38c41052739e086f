package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in this module, apart from wrong use of it. Messages name the cipher or the file,
 * the rule and the cure; they never hold key material, plaintext or values of a context.
 */
@Beta
public abstract sealed class CryptoException extends RuntimeException
    permits EncryptException, DecryptException, KeysetException {

  private static final long serialVersionUID = 1;

  CryptoException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

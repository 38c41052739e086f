package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** What all keys of one component share: the provider that computes, and the source of nonces. */
final class Engine {

  private static final String TRANSFORMATION = "AES/GCM/NoPadding";
  private static final @Nullable Provider JDK = Security.getProvider("SunJCE");

  private final NonceSource nonces;
  private volatile int generation;

  Engine(NonceSource nonces) {
    this.nonces = nonces;
  }

  NonceSource nonces() {
    return nonces;
  }

  /** Returns a number that changes when ciphers that were made before must not be used any more. */
  int generation() {
    return generation;
  }

  PooledCipher create() throws GeneralSecurityException {
    // First the number: if the provider changes now, the cipher is dropped.
    int current = generation;
    return new PooledCipher(newCipher(), current, nonces.batch());
  }

  private static Cipher newCipher() throws GeneralSecurityException {
    // The JDK's provider by name: one that a host registered in front of it is not taken unasked.
    return JDK == null
        ? Cipher.getInstance(TRANSFORMATION)
        : Cipher.getInstance(TRANSFORMATION, JDK);
  }
}

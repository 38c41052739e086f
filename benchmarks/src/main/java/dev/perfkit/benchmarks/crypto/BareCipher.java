package dev.perfkit.benchmarks.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The floor: a JCE cipher that one thread reuses, with a counter for a nonce and the caller's
 * buffers, which no real use can have.
 */
@State(Scope.Thread)
public class BareCipher {

  private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "AES");

  /** Bytes of plaintext. */
  @Param({"32", "256", "4096"})
  int size;

  private final Cipher encrypting;
  private final Cipher decrypting;
  private final byte[] associatedData = Place.WHERE.toAssociatedData();
  private final byte[] nonce = new byte[12];
  private byte[] clear = {};
  private byte[] sealed = {};
  private long count;

  /** Makes the two ciphers. */
  public BareCipher() {
    try {
      encrypting = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
      decrypting = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException(missing);
    }
  }

  /** Encrypts once, so that there is something to decrypt. */
  @Setup
  public void fill() throws GeneralSecurityException {
    clear = new byte[size];
    sealed = new byte[size + 16];
    encrypt();
  }

  byte[] encrypt() throws GeneralSecurityException {
    ByteBuffer.wrap(nonce).putLong(4, ++count);
    encrypting.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(128, nonce));
    encrypting.updateAAD(associatedData);
    encrypting.doFinal(clear, 0, size, sealed, 0);
    return sealed;
  }

  byte[] decrypt() throws GeneralSecurityException {
    decrypting.init(Cipher.DECRYPT_MODE, KEY, new GCMParameterSpec(128, nonce));
    decrypting.updateAAD(associatedData);
    decrypting.doFinal(sealed, 0, sealed.length, clear, 0);
    return clear;
  }
}

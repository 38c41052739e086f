package dev.perfkit.benchmarks.crypto;

import dev.perfkit.crypto.CipherContext;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The floor: a JCE cipher that one thread reuses, with a counter for a nonce and the caller's
 * buffers, which no real use can have.
 */
final class BareCipher implements Peer {

  private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "AES");
  private static final int TAG_BYTES = 16;

  private final Cipher encrypting;
  private final Cipher decrypting;
  private final byte[] associatedData;
  private final byte[] nonce = new byte[12];
  private final byte[] clear;
  private final byte[] sealed;
  private long count;

  BareCipher(Provider provider, int size, CipherContext where) throws GeneralSecurityException {
    encrypting = Cipher.getInstance("AES/GCM/NoPadding", provider);
    decrypting = Cipher.getInstance("AES/GCM/NoPadding", provider);
    associatedData = where.toAssociatedData();
    clear = new byte[size];
    sealed = new byte[size + TAG_BYTES];
  }

  /** Returns the same array each time; its nonce is the one of the last call. */
  @Override
  public byte[] encrypt(byte[] input) throws GeneralSecurityException {
    ByteBuffer.wrap(nonce).putLong(4, ++count);
    encrypting.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(TAG_BYTES * 8, nonce));
    encrypting.updateAAD(associatedData);
    encrypting.doFinal(input, 0, input.length, sealed, 0);
    return sealed;
  }

  @Override
  public byte[] decrypt(byte[] input) throws GeneralSecurityException {
    decrypting.init(Cipher.DECRYPT_MODE, KEY, new GCMParameterSpec(TAG_BYTES * 8, nonce));
    decrypting.updateAAD(associatedData);
    decrypting.doFinal(input, 0, input.length, clear, 0);
    return clear;
  }
}

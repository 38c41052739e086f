package dev.perfkit.crypto;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * An AES key that can be erased while others use it: whoever asks for its bytes gets all of them or
 * an exception, never a half erased key (which would encrypt, under a key nobody has).
 *
 * <p>It is a sequence lock with one transition. {@link #destroy} raises the flag before it erases;
 * a reader copies first and looks at the flag after. The fences keep those pairs in order, so a
 * copy that holds one erased byte is always followed by a raised flag.
 */
final class WipeableKey implements SecretKey {

  private static final long serialVersionUID = 1;

  private final transient byte[] bytes;
  private volatile boolean destroyed;

  /** Takes the array over. */
  WipeableKey(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public String getAlgorithm() {
    return "AES";
  }

  @Override
  public String getFormat() {
    return "RAW";
  }

  /** Returns a copy, which the JCE provider asks for and erases. */
  @Override
  public byte[] getEncoded() {
    byte[] copy = bytes.clone();
    VarHandle.acquireFence();
    if (destroyed) {
      Arrays.fill(copy, (byte) 0);
      throw new IllegalStateException("the key is destroyed");
    }
    return copy;
  }

  @Override
  public void destroy() {
    destroyed = true;
    VarHandle.fullFence();
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public boolean isDestroyed() {
    return destroyed;
  }

  @Override
  public String toString() {
    return "WipeableKey[" + (destroyed ? "destroyed" : "redacted") + "]";
  }

  private void writeObject(java.io.ObjectOutputStream out) throws java.io.NotSerializableException {
    throw new java.io.NotSerializableException("keys are not serialized");
  }
}

package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import java.util.Objects;

/** One of many values to be encrypted or decrypted, and the place it belongs to. */
@Beta
public final class BatchItem {

  private final byte[] bytes;
  private final CipherContext where;

  private BatchItem(byte[] bytes, CipherContext where) {
    this.bytes = bytes;
    this.where = where;
  }

  /** Returns an item of a plaintext or ciphertext, which is not copied, and its place. */
  public static BatchItem of(byte[] bytes, CipherContext where) {
    return new BatchItem(
        Objects.requireNonNull(bytes, "bytes"), Objects.requireNonNull(where, "where"));
  }

  byte[] bytes() {
    return bytes;
  }

  CipherContext where() {
    return where;
  }

  /** Returns the length and the parts of the place; no values. */
  @Override
  public String toString() {
    return "BatchItem[" + bytes.length + " bytes, " + where + "]";
  }
}

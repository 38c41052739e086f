package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What became of one item of a batch: bytes, or the exception that it alone would have got. */
@Beta
public final class BatchResult {

  private final byte @Nullable [] bytes;
  private final @Nullable CryptoException failure;

  private BatchResult(byte @Nullable [] bytes, @Nullable CryptoException failure) {
    this.bytes = bytes;
    this.failure = failure;
  }

  /** Returns what an operation makes of each item. */
  static List<BatchResult> each(
      Collection<BatchItem> items, BiFunction<byte[], CipherContext, byte[]> operation) {
    List<BatchResult> results = new ArrayList<>(items.size());
    for (BatchItem item : items) {
      try {
        results.add(new BatchResult(operation.apply(item.bytes(), item.where()), null));
      } catch (CryptoException failure) {
        results.add(new BatchResult(null, failure));
      }
    }
    return results;
  }

  /** Returns why the item failed, or empty if it did not. */
  public Optional<CryptoException> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Returns the ciphertext or plaintext.
   *
   * @throws CryptoException if the item failed
   */
  public byte[] orElseThrow() {
    if (bytes != null) {
      return bytes;
    }
    throw failure == null ? new IllegalStateException("neither bytes nor failure") : failure;
  }

  /** Returns how it ended, without the bytes. */
  @Override
  public String toString() {
    return bytes == null ? "BatchResult[failed]" : "BatchResult[" + bytes.length + " bytes]";
  }
}

package dev.perfkit.compress;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/** The SHA-256 of some bytes, as four numbers. */
record ContentHash(long first, long second, long third, long fourth) implements VariantSource {

  private static final int LENGTH = 32;

  static ContentHash of(byte[] content) {
    try {
      return read(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  /** Returns what 32 bytes say. */
  static ContentHash read(byte[] digest) {
    ByteBuffer numbers = ByteBuffer.wrap(digest);
    return new ContentHash(
        numbers.getLong(), numbers.getLong(), numbers.getLong(), numbers.getLong());
  }

  byte[] toBytes() {
    return ByteBuffer.allocate(LENGTH)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  /** Returns a strong entity tag of the content: half of the hash. */
  String entityTag() {
    byte[] half = Arrays.copyOf(toBytes(), LENGTH / 2);
    return '"' + Base64.getUrlEncoder().withoutPadding().encodeToString(half) + '"';
  }
}

package dev.perfkit.crypto;

import dev.perfkit.spi.support.Options;
import java.util.Objects;

/** Checks of a part of one array that is transformed into a part of another. */
final class Slices {

  private Slices() {}

  /**
   * Throws unless both parts exist and are apart.
   *
   * @throws IndexOutOfBoundsException if the input is not within its array
   * @throws IllegalArgumentException if the output is not within its array, or they overlap
   */
  static void check(
      byte[] input, int offset, int length, byte[] target, int targetOffset, int targetLength) {
    Objects.checkFromIndexSize(offset, length, input.length);
    Options.require(
        targetOffset >= 0 && targetLength >= 0 && targetLength <= target.length - targetOffset,
        "target",
        "have room for " + targetLength + " bytes at " + targetOffset,
        target.length + " bytes long");
    boolean apart =
        input != target || offset + length <= targetOffset || targetOffset + targetLength <= offset;
    Options.require(apart, "target", "not overlap the input", "the same array");
  }
}

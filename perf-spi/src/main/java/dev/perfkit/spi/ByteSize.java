package dev.perfkit.spi;

/**
 * An amount of bytes, as {@link java.time.Duration} is an amount of time.
 *
 * @param toBytes the amount in bytes, 0 or more
 */
@Beta
public record ByteSize(long toBytes) implements Comparable<ByteSize> {

  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB"};

  /**
   * @throws IllegalArgumentException if the amount is negative
   */
  public ByteSize {
    if (toBytes < 0) {
      throw new IllegalArgumentException("byte size must be at least 0 but was " + toBytes);
    }
  }

  /** Returns that many bytes. */
  public static ByteSize ofBytes(long bytes) {
    return new ByteSize(bytes);
  }

  /**
   * Returns that many times 1,024 bytes.
   *
   * @throws ArithmeticException if the amount does not fit a long
   */
  public static ByteSize ofKibibytes(long kibibytes) {
    return new ByteSize(Math.multiplyExact(kibibytes, 1L << 10));
  }

  /**
   * Returns that many times 1,048,576 bytes.
   *
   * @throws ArithmeticException if the amount does not fit a long
   */
  public static ByteSize ofMebibytes(long mebibytes) {
    return new ByteSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  /**
   * Returns that many times 1,073,741,824 bytes.
   *
   * @throws ArithmeticException if the amount does not fit a long
   */
  public static ByteSize ofGibibytes(long gibibytes) {
    return new ByteSize(Math.multiplyExact(gibibytes, 1L << 30));
  }

  /**
   * Returns the amount as an {@code int}, for array sizes.
   *
   * @throws ArithmeticException if the amount is over 2^31 - 1 bytes
   */
  public int toIntBytes() {
    return Math.toIntExact(toBytes);
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(toBytes, other.toBytes);
  }

  /** Returns the amount in the largest unit that divides it, such as {@code 64 MiB}. */
  @Override
  public String toString() {
    long amount = toBytes;
    int unit = 0;
    while (amount != 0 && amount % 1024 == 0 && unit < UNITS.length - 1) {
      amount /= 1024;
      unit++;
    }
    return amount + " " + UNITS[unit];
  }
}

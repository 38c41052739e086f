package dev.perfkit.crypto;

import dev.perfkit.spi.Beta;

/**
 * The wire formats that a {@link FieldCipher} writes. It reads all of them, whichever it writes:
 * the first bytes of a ciphertext tell. {@code docs/formats.md} describes each byte.
 */
@Beta
public enum Format {
  /**
   * That of Tink's {@code AES256_GCM} with its prefix, byte for byte: Tink reads ours and we read
   * Tink's. One key must not encrypt more than 2^32 messages over all processes.
   */
  TINK(TinkFormat.OVERHEAD),
  /**
   * Our own, with key commitment and a subkey for each process and epoch. A ciphertext opens under
   * one key only, and neither the limit of 2^32 messages nor attacks on many keys at once bite.
   */
  C1(CommittedFormat.OVERHEAD);

  private final int overhead;

  Format(int overhead) {
    this.overhead = overhead;
  }

  /** Returns how many bytes a ciphertext is longer than its plaintext: 33 or 82. */
  public int overhead() {
    return overhead;
  }
}

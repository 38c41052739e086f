package dev.perfkit.crypto;

import java.security.DrbgParameters;
import java.security.DrbgParameters.Capability;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** A source of random bytes that can be told to start anew. */
interface RandomBytes {

  void fill(byte[] target);

  void reseed();

  /**
   * Returns a hash DRBG of the JDK of 256 bits. Each request mixes in bytes that are read from the
   * operating system at that moment, without a buffer and without blocking. The DRBG's own
   * prediction resistance would do the same from {@code /dev/random}, which blocks on kernels
   * before 5.6.
   */
  static RandomBytes system() {
    try {
      SecureRandom drbg =
          SecureRandom.getInstance(
              "DRBG", DrbgParameters.instantiation(256, Capability.RESEED_ONLY, null));
      return new MixedDrbg(drbg, operatingSystem());
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("this JDK has no DRBG; add the SUN provider", missing);
    }
  }

  /** Returns the operating system's source, read at each request without a buffer. */
  static RandomBytes unbuffered() {
    try {
      return new SystemBytes(operatingSystem());
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("this JDK does not reach the system's source", missing);
    }
  }

  /** Returns a generator whose seeds come straight from the operating system. */
  private static SecureRandom operatingSystem() throws NoSuchAlgorithmException {
    try {
      return SecureRandom.getInstance("NativePRNGNonBlocking");
    } catch (NoSuchAlgorithmException notUnix) {
      return SecureRandom.getInstance("Windows-PRNG");
    }
  }

  /** A DRBG with additional input from another source in each request. */
  record MixedDrbg(SecureRandom drbg, SecureRandom system) implements RandomBytes {

    private static final int ADDITIONAL_BYTES = 32;

    @Override
    public void fill(byte[] target) {
      byte[] additional = system.generateSeed(ADDITIONAL_BYTES);
      drbg.nextBytes(target, DrbgParameters.nextBytes(-1, false, additional));
    }

    @Override
    public void reseed() {
      drbg.reseed(DrbgParameters.reseed(false, system.generateSeed(ADDITIONAL_BYTES)));
    }
  }

  /** Bytes straight from a generator's seed source. */
  record SystemBytes(SecureRandom system) implements RandomBytes {

    @Override
    public void fill(byte[] target) {
      System.arraycopy(system.generateSeed(target.length), 0, target, 0, target.length);
    }

    @Override
    public void reseed() {
      // Nothing is kept that could be renewed.
    }
  }
}

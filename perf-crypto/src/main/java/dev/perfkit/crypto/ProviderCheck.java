package dev.perfkit.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import javax.crypto.AEADBadTagException;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a provider computes AES-256-GCM rightly: in a moment before it is first used,
 * and then by a sweep over all lengths in small steps. The sweep goes on until the code has been
 * called often enough for the JVM to have compiled it, since the fast paths, and the bugs there
 * were in them, exist in compiled code only.
 */
final class ProviderCheck {

  static final int MAX_LENGTH = 9_000;
  static final int CALLS = 20_000;
  static final long COLD_MILLIS = 200;

  /** Where buffers, counters and vector registers end. */
  private static final int[] AWKWARD = {
    0, 1, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 111, 112, 113, 127, 128, 129,
    191, 192, 193, 255, 256, 257, 511, 512, 513, 767, 768, 769, 1023, 1024, 1025, 2047, 2048, 2049,
    4095, 4096, 4097, 8191, 8192, 8193
  };

  private static final int[] LARGE = {
    16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 65_551, 65_552, 65_553,
    98_303, 98_304, 98_305, 131_071, 131_072, 131_073
  };

  private static final int STEPS_PER_ROUND = MAX_LENGTH + 1 + AWKWARD.length + LARGE.length;

  /** The provider's calls before the last round are at least {@link #CALLS} for each path. */
  private static final int ROUNDS = 1 + (CALLS + STEPS_PER_ROUND - 1) / STEPS_PER_ROUND;

  private static final byte[] KEY = pattern(32);

  private final ReentrantLock coldLock = new ReentrantLock();
  private final ReentrantLock sweepLock = new ReentrantLock();
  private final AtomicReference<@Nullable Object> sweeper = new AtomicReference<>();
  private boolean coldDone;
  private volatile boolean complete;
  private volatile boolean wrong;
  private volatile String failure = "";

  /** The step of the sweep that is next, and its tools; under the lock. */
  private int step;

  private @Nullable Sweep sweep;

  /** Returns whether the provider was found to be wrong, which it then is for good. */
  boolean isWrong() {
    return wrong;
  }

  /** Returns what was wrong, or an empty string. */
  String failure() {
    return failure;
  }

  /** Returns whether the sweep has ended without a fault. */
  boolean isComplete() {
    return complete;
  }

  /** Checks the published vectors and some lengths, once. */
  void cold(Provider provider) {
    coldLock.lock();
    try {
      if (!coldDone) {
        coldDone = true;
        guarded(() -> coldCheck(provider));
      }
    } finally {
      coldLock.unlock();
    }
  }

  /** Makes somebody the one who sweeps, if nobody is and there is something left to do. */
  boolean claim(Object candidate) {
    return !complete && !wrong && sweeper.compareAndSet(null, candidate);
  }

  /** Lets somebody else go on with the sweep. */
  void release(Object candidate) {
    sweeper.compareAndSet(candidate, null);
  }

  /**
   * Takes some steps of the sweep; for the sweeper, who may just have changed.
   *
   * @return whether some are left
   */
  boolean sweep(Provider provider, int steps) {
    sweepLock.lock();
    try {
      guarded(() -> someSteps(provider, steps));
      if (!wrong && step < ROUNDS * STEPS_PER_ROUND) {
        return true;
      }
      complete = !wrong;
      sweep = null;
      return false;
    } finally {
      sweepLock.unlock();
    }
  }

  /** Notes that the provider is wrong, for good. */
  void fail(String what) {
    if (!wrong) {
      failure = what;
      wrong = true;
    }
  }

  private void someSteps(Provider provider, int steps) throws GeneralSecurityException {
    Sweep tools = sweep;
    if (tools == null) {
      tools = new Sweep(provider, LARGE[LARGE.length - 1]);
      sweep = tools;
    }
    int end = Math.min(step + steps, ROUNDS * STEPS_PER_ROUND);
    for (; step < end && !wrong; step++) {
      require(tools.agrees(lengthOf(step % STEPS_PER_ROUND)), step % STEPS_PER_ROUND);
    }
  }

  private static int lengthOf(int stepOfRound) {
    if (stepOfRound <= MAX_LENGTH) {
      return stepOfRound;
    }
    int rest = stepOfRound - MAX_LENGTH - 1;
    return rest < AWKWARD.length ? AWKWARD[rest] : LARGE[rest - AWKWARD.length];
  }

  private void require(boolean agrees, int stepOfRound) {
    if (!agrees) {
      fail("wrong result for " + lengthOf(stepOfRound) + " bytes");
    }
  }

  private void coldCheck(Provider provider) throws GeneralSecurityException {
    long deadline = System.nanoTime() + COLD_MILLIS * 1_000_000 / 2;
    for (Vector vector : Vector.ALL) {
      if (!vector.agrees(provider)) {
        fail("wrong result for a published test vector");
        return;
      }
    }
    Sweep sweep = new Sweep(provider, AWKWARD[AWKWARD.length - 1]);
    if (!sweep.refusesForgeries()) {
      fail("a forged ciphertext was accepted");
    }
    for (int length : AWKWARD) {
      if (wrong || System.nanoTime() - deadline > 0) {
        return;
      }
      if (!sweep.agrees(length)) {
        fail("wrong result for " + length + " bytes");
      }
    }
  }

  private void guarded(Check check) {
    try {
      check.run();
    } catch (GeneralSecurityException | RuntimeException | LinkageError thrown) {
      fail("failed where it must not: " + thrown.getClass().getName());
    }
  }

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 131 + (i >>> 8) + 11);
    }
    return bytes;
  }

  private interface Check {
    void run() throws GeneralSecurityException;
  }

  /** One encrypting and one decrypting cipher of the provider, compared with the reference. */
  private static final class Sweep {

    private final SecretKey key = new SecretKeySpec(KEY, "AES");
    private final GcmReference[] references = new GcmReference[2];
    private final JceGcm sealing;
    private final JceGcm opening;
    private int turn;

    Sweep(Provider provider, int maxLength) throws GeneralSecurityException {
      byte[] plaintext = pattern(maxLength);
      // Two nonces in turn, since a provider refuses the same one twice in a row.
      for (int i = 0; i < references.length; i++) {
        byte[] nonce = new byte[NonceSource.NONCE_BYTES];
        Arrays.fill(nonce, (byte) (0x5A + i));
        byte[] associatedData = Arrays.copyOf(plaintext, 33 + 12 * i);
        references[i] =
            new GcmReference(CipherProvider.jdk().load(), KEY, nonce, associatedData, plaintext);
      }
      sealing = new JceGcm(provider);
      opening = new JceGcm(provider);
    }

    boolean agrees(int length) throws GeneralSecurityException {
      GcmReference reference = references[turn++ & 1];
      byte[] expected = reference.sealed(length);
      byte[] sealed = new byte[expected.length];
      sealing.seal(
          key,
          reference.nonce(),
          reference.plaintext(),
          0,
          length,
          reference.associatedData(),
          sealed,
          0);
      byte[] opened = new byte[length];
      opening.open(key, expected, 0, expected.length, reference.associatedData(), opened, 0);
      return Arrays.equals(expected, sealed)
          && Arrays.equals(opened, 0, length, reference.plaintext(), 0, length);
    }

    boolean refusesForgeries() throws GeneralSecurityException {
      GcmReference reference = references[0];
      byte[] sealed = reference.sealed(20);
      for (int at : new int[] {0, NonceSource.NONCE_BYTES, sealed.length - 1}) {
        byte[] forged = sealed.clone();
        forged[at] ^= 1;
        try {
          opening.open(key, forged, 0, forged.length, reference.associatedData(), new byte[20], 0);
          return false;
        } catch (AEADBadTagException refused) {
          // As it should be.
          Objects.requireNonNull(refused);
        }
      }
      return true;
    }
  }

  /** Test cases 13 to 16 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
  private record Vector(String key, String nonce, String associated, String clear, String sealed) {

    private static final String KEY_2 =
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    private static final String CLEAR_2 =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private static final String SEALED_2 =
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662";

    static final Vector[] ALL = {
      new Vector("00".repeat(32), "00".repeat(12), "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
      new Vector(
          "00".repeat(32),
          "00".repeat(12),
          "",
          "00".repeat(16),
          "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
      new Vector(
          KEY_2,
          "cafebabefacedbaddecaf888",
          "",
          CLEAR_2 + "1aafd255",
          SEALED_2 + "898015adb094dac5d93471bdec1a502270e3cc6c"),
      new Vector(
          KEY_2,
          "cafebabefacedbaddecaf888",
          "feedfacedeadbeeffeedfacedeadbeefabaddad2",
          CLEAR_2,
          SEALED_2 + "76fc6ece0f4e1768cddf8853bb2d551b"),
    };

    boolean agrees(Provider provider) throws GeneralSecurityException {
      byte[] plain = bytes(clear);
      byte[] expected = bytes(nonce + sealed);
      SecretKey secret = new SecretKeySpec(bytes(key), "AES");
      byte[] result = new byte[expected.length];
      new JceGcm(provider)
          .seal(secret, bytes(nonce), plain, 0, plain.length, bytes(associated), result, 0);
      byte[] opened = new byte[plain.length];
      new JceGcm(provider).open(secret, expected, 0, expected.length, bytes(associated), opened, 0);
      return Arrays.equals(expected, result) && Arrays.equals(plain, opened);
    }

    private static byte[] bytes(String hex) {
      return HexFormat.of().parseHex(hex);
    }
  }
}

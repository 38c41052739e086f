package dev.perfkit.crypto;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.perfkit.crypto.KeysetException.Reason;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Proves that no bytes make the parsers of key files and keyrings fail in another way than they
 * say, or be taken for a file of the right password. Runs its seeds in every build; searches when
 * {@code JAZZER_FUZZ=1}.
 */
class KeyFileFuzzTest {

  private static final int WEAK = 1;
  private static final KeysetFileFormat FORMAT = new KeysetFileFormat(WEAK, WEAK);
  private static final char[] PASSWORD = "password".toCharArray();
  private static final byte[] GOOD = good();

  @FuzzTest
  void file_anyBytes_isATypedError(byte[] bytes) throws GeneralSecurityException {
    requireTyped(bytes);
  }

  @FuzzTest
  void file_goodOneWithChanges_isATypedError(FuzzedDataProvider data)
      throws GeneralSecurityException {
    byte[] changed = GOOD.clone();
    int changes = data.consumeInt(1, 8);
    for (int i = 0; i < changes; i++) {
      // Not the iterations: a million of them for each try would leave no time for tries.
      int at = data.consumeInt(0, changed.length - 33);
      changed[at < 6 || at >= 10 ? at : 10] = data.consumeByte();
    }
    if (!Arrays.equals(changed, GOOD)) {
      requireTyped(mended(changed));
    }
  }

  @FuzzTest
  void ring_anyBytes_isUnsupportedOrWhole(byte[] bytes) {
    try {
      Ring ring = RingFormat.read("fuzz", bytes);
      RingFormat.read("again", RingFormat.write(ring));
    } catch (KeysetException typed) {
      require(typed.reason() == Reason.UNSUPPORTED, typed);
    }
  }

  private static void requireTyped(byte[] bytes) throws GeneralSecurityException {
    try {
      KeysetFileFormat.generationUnchecked(bytes);
      FORMAT.open("fuzz", bytes, PASSWORD);
      throw new AssertionError("a forged file was opened");
    } catch (KeysetException typed) {
      require(
          typed.reason() == Reason.UNSUPPORTED
              || typed.reason() == Reason.DAMAGED
              || typed.reason() == Reason.WRONG_PASSWORD,
          typed);
    }
  }

  private static void require(boolean holds, KeysetException failure) {
    if (!holds) {
      throw new AssertionError(failure);
    }
  }

  private static byte[] good() {
    try {
      byte[] ring = RingFormat.write(Ring.of(Keyset.generate(), 0));
      return FORMAT.seal(KeysetFileFormat.KEYRING, ring, 1, PASSWORD);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] mended(byte[] file) throws GeneralSecurityException {
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(file, 0, file.length - 32);
    sha256.digest(file, file.length - 32, 32);
    return file;
  }
}

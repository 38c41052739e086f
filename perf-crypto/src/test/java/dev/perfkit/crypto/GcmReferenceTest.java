package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Proves that the reference that providers are checked against is AES-GCM itself. */
class GcmReferenceTest {

  private static final Provider JDK = Security.getProvider("SunJCE");

  @Test
  void sealed_publishedVector_isThePublishedResult() throws GeneralSecurityException {
    HexFormat hex = HexFormat.of();
    GcmReference reference =
        new GcmReference(
            JDK,
            hex.parseHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
            hex.parseHex("cafebabefacedbaddecaf888"),
            hex.parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            hex.parseHex(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
    assertThat(hex.formatHex(reference.sealed(60)))
        .isEqualTo(
            "cafebabefacedbaddecaf888"
                + "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                + "76fc6ece0f4e1768cddf8853bb2d551b");
  }

  @Test
  void sealed_everyLengthOfRandomInput_isWhatTheJdkComputes() throws GeneralSecurityException {
    Random random = new Random(42);
    for (int round = 0; round < 4; round++) {
      byte[] key = random(random, 32);
      byte[] nonce = random(random, 12);
      byte[] associatedData = random(random, random.nextInt(100));
      byte[] plaintext = random(random, 300);
      GcmReference reference = new GcmReference(JDK, key, nonce, associatedData, plaintext);
      for (int length = 0; length <= plaintext.length; length++) {
        Cipher cipher = Cipher.getInstance(JceGcm.TRANSFORMATION, JDK);
        cipher.init(
            Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(associatedData);
        byte[] sealed = reference.sealed(length);
        assertThat(Arrays.copyOfRange(sealed, 12, sealed.length))
            .isEqualTo(cipher.doFinal(plaintext, 0, length));
      }
    }
  }

  private static byte[] random(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}

package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Proves that a keyset holds only keys whose ciphertexts name them, that it changes the safe way,
 * and that raw key material is touched in one place.
 */
class KeysetTest {

  @Test
  void generate_always_isOneFreshTinkKey() {
    Keyset keyset = Keyset.generate();
    assertThat(keyset.keyIds()).containsExactly(keyset.primaryKeyId());
    assertThat(keyset.toTink().getPrimary().getKey().getParameters())
        .isEqualTo(PredefinedAeadParameters.AES256_GCM);
    assertThat(keyset.holdsAllOf(Keyset.generate())).isFalse();
  }

  @Test
  void withNewKey_always_keepsPrimaryAndOldKeys() {
    Keyset one = Keyset.generate();
    Keyset two = one.withNewKey();
    assertThat(two.primaryKeyId()).isEqualTo(one.primaryKeyId());
    assertThat(two.keyIds()).hasSize(2).startsWith(one.primaryKeyId());
    assertThat(two.holdsAllOf(one)).isTrue();
    assertThat(one.holdsAllOf(two)).isFalse();
    assertThat(two.withPrimary(two.keyIds().get(1)).primaryKeyId()).isEqualTo(two.keyIds().get(1));
  }

  @Test
  void withPrimary_keyThatCannotEncrypt_isRefused() throws GeneralSecurityException {
    Keyset keyset = Keyset.generate().withNewKey();
    int second = keyset.keyIds().get(1);
    Keyset disabled = Fixtures.withStatus(keyset, second, KeyStatus.DISABLED);
    assertThatThrownBy(() -> disabled.withPrimary(second))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("primary must be an enabled key of the keyset but was ");
    assertThatThrownBy(() -> Keyset.generate().withPrimary(second))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_otherKeys_isRefusedWithTheCure() throws GeneralSecurityException {
    AesGcmParameters raw =
        AesGcmParameters.builder()
            .setKeySizeBytes(32)
            .setIvSizeBytes(12)
            .setTagSizeBytes(16)
            .setVariant(AesGcmParameters.Variant.NO_PREFIX)
            .build();
    AesGcmParameters crunchy =
        AesGcmParameters.builder()
            .setKeySizeBytes(32)
            .setIvSizeBytes(12)
            .setTagSizeBytes(16)
            .setVariant(AesGcmParameters.Variant.CRUNCHY)
            .build();
    for (Parameters other :
        List.of(
            raw,
            crunchy,
            PredefinedAeadParameters.AES128_GCM,
            PredefinedAeadParameters.CHACHA20_POLY1305)) {
      KeysetHandle handle =
          KeysetHandle.newBuilder(Keyset.generate().toTink())
              .addEntry(KeysetHandle.generateEntryFromParameters(other).withRandomId())
              .build();
      assertThatThrownBy(() -> Keyset.of(handle))
          .isInstanceOfSatisfying(
              KeysetException.class,
              failure -> assertThat(failure.reason()).isEqualTo(KeysetException.Reason.UNSUPPORTED))
          .hasMessageContaining("AES256_GCM");
    }
  }

  @Test
  void toString_always_keepsKeysToItself() {
    Keyset keyset = Keyset.generate();
    assertThat(keyset)
        .hasToString(
            "Keyset[primary=" + Integer.toUnsignedString(keyset.primaryKeyId()) + ", keys=1]");
    assertThat(new WipeableKey(new byte[32])).hasToString("WipeableKey[redacted]");
  }

  @Test
  void insecureSecretKeyAccess_inSources_isInOneFile() throws IOException {
    Path sources = Path.of("src/main/java");
    try (Stream<Path> files = Files.walk(sources)) {
      List<String> users =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(KeysetTest::namesInsecureAccess)
              .map(file -> file.getFileName().toString())
              .toList();
      assertThat(users).containsExactly("InsecureKeyAccess.java");
    }
  }

  private static boolean namesInsecureAccess(Path file) {
    try {
      return Files.readString(file).contains("InsecureSecretKeyAccess");
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }
}

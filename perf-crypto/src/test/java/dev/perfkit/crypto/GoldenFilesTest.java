package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.aead.AesGcmKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * Proves that ciphertexts written by an earlier build are read, and that the same key, nonce,
 * context and plaintext still give the same bytes.
 */
class GoldenFilesTest {

  private static final byte[] SEALED =
      HexFormat.of()
          .parseHex(new String(Fixtures.golden("field.hex"), StandardCharsets.US_ASCII).strip());
  private static final String CLEAR = "ada@example.org";

  @Test
  void decrypt_goldenField_givesItsPlaintext() throws Exception {
    FieldCipher cipher = Fixtures.cipher(Fixtures.goldenKeyset());
    assertThat(cipher.decryptToString(SEALED, Fixtures.WHERE)).isEqualTo(CLEAR);
  }

  @Test
  void encrypt_withTheGoldenNonce_givesTheGoldenField() throws Exception {
    Keyset keyset = Fixtures.goldenKeyset();
    byte[] nonce = Arrays.copyOfRange(SEALED, 5, 17);
    RandomBytes script =
        new Randoms(
            target -> {
              Randoms.fresh(target);
              System.arraycopy(nonce, 0, target, 0, nonce.length);
            });
    GcmKey key =
        new GcmKey(
            keyset.primaryKeyId(),
            InsecureKeyAccess.bytesOf((AesGcmKey) keyset.toTink().getPrimary().getKey()),
            Fixtures.engine(() -> script));
    byte[] clear = CLEAR.getBytes(StandardCharsets.UTF_8);
    assertThat(key.seal(clear, 0, clear.length, Fixtures.WHERE.encoded())).isEqualTo(SEALED);
  }
}

package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.aead.AesGcmKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Proves that ciphertexts written by an earlier build are read, and that the same key, nonce,
 * context and plaintext still give the same bytes.
 */
class GoldenFilesTest {

  private static final byte[] SEALED = golden("field.hex");
  private static final byte[] COMMITTED = golden("field-c1.hex");
  private static final String CLEAR = "ada@example.org";

  @Test
  void decrypt_goldenField_givesItsPlaintext() throws Exception {
    FieldCipher cipher = Fixtures.cipher(Fixtures.goldenKeyset());
    assertThat(cipher.decryptToString(SEALED, Fixtures.WHERE)).isEqualTo(CLEAR);
    assertThat(cipher.decryptToString(COMMITTED, Fixtures.WHERE)).isEqualTo(CLEAR);
  }

  @Test
  void encrypt_withTheGoldenNonce_givesTheGoldenField() throws Exception {
    assertThat(seal(Format.TINK, Arrays.copyOfRange(SEALED, 5, 17))).isEqualTo(SEALED);
  }

  @Test
  void encrypt_withTheGoldenSaltAndNonce_givesTheGoldenCommittedField() throws Exception {
    byte[] salt = Arrays.copyOfRange(COMMITTED, 6, 22);
    byte[] nonce = Arrays.copyOfRange(COMMITTED, 54, 66);
    assertThat(seal(Format.C1, salt, nonce)).isEqualTo(COMMITTED);
  }

  /** Encrypts with draws that begin with the given bytes, one after the other. */
  private static byte[] seal(Format format, byte[]... draws) throws Exception {
    Iterator<byte[]> next = List.of(draws).iterator();
    RandomBytes script =
        new Randoms(
            target -> {
              Randoms.fresh(target);
              byte[] bytes = next.next();
              System.arraycopy(bytes, 0, target, 0, bytes.length);
            });
    Keyset keyset = Fixtures.goldenKeyset();
    FieldKey key =
        new FieldKey(
            keyset.primaryKeyId(),
            InsecureKeyAccess.bytesOf((AesGcmKey) keyset.toTink().getPrimary().getKey()),
            Fixtures.engine(() -> script));
    byte[] clear = CLEAR.getBytes(StandardCharsets.UTF_8);
    byte[] sealed = new byte[format.overhead() + clear.length];
    key.in(format).seal(clear, 0, clear.length, Fixtures.WHERE.encoded(), sealed, 0);
    return sealed;
  }

  private static byte[] golden(String name) {
    return HexFormat.of()
        .parseHex(new String(Fixtures.golden(name), StandardCharsets.US_ASCII).strip());
  }
}

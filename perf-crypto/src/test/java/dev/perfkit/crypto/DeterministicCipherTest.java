package dev.perfkit.crypto;

import static dev.perfkit.crypto.Failures.assertReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.subtle.AesSiv;
import com.google.crypto.tink.subtle.Hkdf;
import dev.perfkit.crypto.DecryptException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Proves that equal values of a column are equal ciphertexts and of no other column, that a value
 * is found across a rotation, and that the cipher is Tink's AES-SIV, which agrees with OpenSSL's.
 */
class DeterministicCipherTest {

  private static final CipherContext SSN = CipherContext.ofTable("users").column("ssn");
  private static final byte[] CLEAR = "Zebra-4711".getBytes(StandardCharsets.UTF_8);

  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher = Fixtures.cipher(keyset);
  private final DeterministicCipher numbers = cipher.deterministic(SSN);

  @Test
  void encrypt_equalValues_areEqualAndDecrypt() {
    byte[] sealed = numbers.encrypt("Zebra-4711");
    assertThat(sealed)
        .isEqualTo(numbers.encrypt(CLEAR))
        .isEqualTo(Fixtures.cipher(keyset).deterministic(SSN).encrypt(CLEAR))
        .hasSize(CLEAR.length + DeterministicCipher.OVERHEAD)
        .startsWith(0xC1, 2)
        .isNotEqualTo(numbers.encrypt("Zebra-4712"));
    assertThat(numbers.decryptToString(sealed)).isEqualTo("Zebra-4711");
    assertThat(numbers.decrypt(numbers.encrypt(""))).isEmpty();
    assertThat(numbers.toString()).doesNotContain("Zebra");
  }

  @Test
  void encrypt_otherColumn_differsAndDoesNotDecrypt() {
    byte[] sealed = numbers.encrypt(CLEAR);
    for (CipherContext other :
        List.of(
            SSN.tenant("acme"),
            CipherContext.ofTable("users").column("tax"),
            CipherContext.ofTable("staff").column("ssn"))) {
      DeterministicCipher there = cipher.deterministic(other);
      assertThat(there.encrypt(CLEAR)).isNotEqualTo(sealed);
      assertReason(Reason.NOT_AUTHENTIC, () -> there.decrypt(sealed));
    }
  }

  @Test
  void deterministic_moreOrLessThanAColumn_isRefused() {
    for (CipherContext other :
        List.of(
            SSN.row(42),
            SSN.purpose("x"),
            CipherContext.ofTable("users"),
            CipherContext.ofPurpose("x"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> cipher.deterministic(other))
          .withMessageStartingWith("column must be a table and a column");
    }
  }

  @Test
  void candidates_duringARotation_findOldAndNew() {
    Keyset two = keyset.withNewKey();
    Keyset rotated = two.withPrimary(two.keyIds().get(1));
    DeterministicCipher later = Fixtures.cipher(rotated).deterministic(SSN);
    byte[] old = numbers.encrypt(CLEAR);
    byte[] fresh = later.encrypt(CLEAR);
    assertThat(fresh).isNotEqualTo(old);
    List<byte[]> candidates = later.candidates("Zebra-4711");
    assertThat(candidates).hasSize(2);
    assertThat(candidates.get(0)).isEqualTo(fresh);
    assertThat(candidates.get(1)).isEqualTo(old);
    assertThat(later.decrypt(old)).isEqualTo(CLEAR);
    assertReason(Reason.UNKNOWN_KEY, () -> numbers.decrypt(fresh));
  }

  @Test
  void decrypt_changedCutOrForeign_fails() {
    byte[] sealed = numbers.encrypt(CLEAR);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      Reason expected =
          bit < 16 ? Reason.UNKNOWN_FORMAT : bit < 48 ? Reason.UNKNOWN_KEY : Reason.NOT_AUTHENTIC;
      assertReason(expected, () -> numbers.decrypt(changed));
    }
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertReason(
          length < DeterministicCipher.OVERHEAD ? Reason.TRUNCATED : Reason.NOT_AUTHENTIC,
          () -> numbers.decrypt(cut));
    }
    byte[] extended = Arrays.copyOf(sealed, sealed.length + 1);
    assertReason(Reason.NOT_AUTHENTIC, () -> numbers.decrypt(extended));
    assertReason(Reason.UNKNOWN_FORMAT, () -> numbers.decrypt(cipher.encrypt(CLEAR, SSN)));
    assertReason(Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(Arrays.copyOf(sealed, 99), SSN));
    byte[] notText = numbers.encrypt(new byte[] {-1});
    assertReason(Reason.NOT_TEXT, () -> numbers.decryptToString(notText));
  }

  @Test
  void encrypt_illFormedText_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> numbers.encrypt("Zebra\ud800"));
    assertThatIllegalArgumentException().isThrownBy(() -> numbers.candidates("Zebra\ud800"));
  }

  @Test
  void description_readsWhatWeWrite() throws Exception {
    byte[] secret = InsecureKeyAccess.bytesOf((AesGcmKey) keyset.toTink().getPrimary().getKey());
    byte[] name = "perfkit-crypto-deterministic".getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        ByteBuffer.allocate(name.length + 5)
            .put(name)
            .put((byte) 2)
            .putInt(keyset.primaryKeyId())
            .array();
    AesSiv tink = new AesSiv(Hkdf.computeHkdf("HmacSha256", secret, new byte[0], info, 64));
    byte[] sealed = numbers.encrypt(CLEAR);
    byte[] body = Arrays.copyOfRange(sealed, 6, sealed.length);
    assertThat(tink.encryptDeterministically(CLEAR, SSN.toAssociatedData())).isEqualTo(body);
  }

  @Test
  void siv_vectorOfAnotherLibrary_givesItsBytes() throws Exception {
    // Written by OpenSSL: a key of 00 to 3f, RFC 5297 with keys of 256 bits.
    HexFormat hex = HexFormat.of();
    byte[] key = new byte[64];
    for (int i = 0; i < 64; i++) {
      key[i] = (byte) i;
    }
    AesSiv siv = new AesSiv(key);
    byte[] sealed = siv.encryptDeterministically(hex.parseHex("112233"), hex.parseHex("aabb"));
    assertThat(siv.decryptDeterministically(sealed, hex.parseHex("aabb")))
        .isEqualTo(hex.parseHex("112233"));
    assertThat(hex.formatHex(sealed)).isEqualTo("6e43a4aa9a32f8d7c50ca1add53f0dc613a955");
  }

  @Test
  void closed_always_isRefused() {
    byte[] sealed = numbers.encrypt(CLEAR);
    cipher.close();
    assertThatThrownBy(() -> numbers.encrypt(CLEAR)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> numbers.decrypt(sealed)).isInstanceOf(IllegalStateException.class);
  }
}

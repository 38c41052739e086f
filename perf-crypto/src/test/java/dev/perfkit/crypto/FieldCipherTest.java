package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeyStatus;
import dev.perfkit.spi.Health;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * Proves that a field decrypts in its own place, under any enabled key, and nowhere else: each way
 * in which it can be wrong is its own reason, and no reason says more than it must.
 */
class FieldCipherTest {

  private static final byte[] CLEAR = "Zebra-4711".getBytes(StandardCharsets.UTF_8);

  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher = Fixtures.cipher(keyset);

  @Test
  void decrypt_anySizeInItsPlace_givesThePlaintextBack() {
    for (int size : new int[] {0, 1, 15, 16, 17, 31, 32, 33, 4_096, 8_193, 1_000_000}) {
      byte[] clear = new byte[size];
      Arrays.fill(clear, (byte) size);
      byte[] sealed = cipher.encrypt(clear, WHERE);
      assertThat(sealed).hasSize(size + Format.TINK.overhead());
      assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(clear);
    }
  }

  @Test
  void encrypt_samePlaintextTwice_givesOtherCiphertexts() {
    assertThat(cipher.encrypt(CLEAR, WHERE)).isNotEqualTo(cipher.encrypt(CLEAR, WHERE));
  }

  @Test
  void encrypt_inputs_areLeftUnchanged() {
    byte[] clear = CLEAR.clone();
    char[] text = "Zebra".toCharArray();
    byte[] sealed = cipher.encrypt(clear, WHERE);
    byte[] copy = sealed.clone();
    cipher.decrypt(sealed, WHERE);
    cipher.encrypt(text, WHERE);
    assertThat(clear).isEqualTo(CLEAR);
    assertThat(sealed).isEqualTo(copy);
    assertThat(text).isEqualTo("Zebra".toCharArray());
  }

  @Test
  void decryptToString_text_givesItBack() {
    for (String text : List.of("", "ada@example.org", "\u00e9\u4e2d\ud83d\ude00", "\ufffd", "\0")) {
      byte[] sealed = cipher.encrypt(text, WHERE);
      assertThat(cipher.decryptToString(sealed, WHERE)).isEqualTo(text);
      assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
      byte[] sealedChars = cipher.encrypt(text.toCharArray(), WHERE);
      assertThat(cipher.decryptToChars(sealedChars, WHERE)).isEqualTo(text.toCharArray());
      assertThat(cipher.decryptToString(sealedChars, WHERE)).isEqualTo(text);
    }
  }

  @Test
  void decryptToString_notUtf8_isNotText() {
    byte[] sealed = cipher.encrypt(new byte[] {'a', (byte) 0xC0, (byte) 0x80}, WHERE);
    assertReason(DecryptException.Reason.NOT_TEXT, () -> cipher.decryptToString(sealed, WHERE));
    assertReason(DecryptException.Reason.NOT_TEXT, () -> cipher.decryptToChars(sealed, WHERE));
    assertThat(cipher.decrypt(sealed, WHERE)).hasSize(3);
  }

  @Test
  void encrypt_illFormedText_isRefusedInsteadOfReplaced() {
    assertThatThrownBy(() -> cipher.encrypt("Zebra\ud800", WHERE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("index 5")
        .hasMessageNotContaining("Zebra");
    assertThatThrownBy(() -> cipher.encrypt(new char[] {'\udc00'}, WHERE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decrypt_otherPlace_isNotAuthentic() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    List<CipherContext> others =
        List.of(
            CipherContext.ofTable("users").column("email").row("43"),
            CipherContext.ofTable("users").column("email").row(42),
            CipherContext.ofTable("users").column("phone").row("42"),
            CipherContext.ofTable("orders").column("email").row("42"),
            CipherContext.ofTable("users").column("email"),
            WHERE.tenant("acme"),
            WHERE.purpose("export"));
    for (CipherContext other : others) {
      assertReason(DecryptException.Reason.NOT_AUTHENTIC, () -> cipher.decrypt(sealed, other));
    }
  }

  @Test
  void decrypt_flippedBitAtEveryPosition_fails() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      DecryptException.Reason expected =
          bit < 8
              ? DecryptException.Reason.UNKNOWN_FORMAT
              : bit < 40
                  ? DecryptException.Reason.UNKNOWN_KEY
                  : DecryptException.Reason.NOT_AUTHENTIC;
      assertReason(expected, () -> cipher.decrypt(changed, WHERE));
    }
  }

  @Test
  void decrypt_cutOrExtended_fails() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = Arrays.copyOf(sealed, length);
      assertReason(
          length < Format.TINK.overhead()
              ? DecryptException.Reason.TRUNCATED
              : DecryptException.Reason.NOT_AUTHENTIC,
          () -> cipher.decrypt(cut, WHERE));
    }
    byte[] extended = Arrays.copyOf(sealed, sealed.length + 1);
    assertReason(DecryptException.Reason.NOT_AUTHENTIC, () -> cipher.decrypt(extended, WHERE));
  }

  @Test
  void decrypt_otherKeysOfTheSameId_isNotAuthentic() throws GeneralSecurityException {
    byte[] foreign = Fixtures.cipher(Keyset.generate()).encrypt(CLEAR, WHERE);
    assertReason(DecryptException.Reason.UNKNOWN_KEY, () -> cipher.decrypt(foreign, WHERE));
    ByteBuffer.wrap(foreign).putInt(1, keyset.primaryKeyId());
    assertReason(DecryptException.Reason.NOT_AUTHENTIC, () -> cipher.decrypt(foreign, WHERE));
  }

  @Test
  void decrypt_olderKeyAfterANewPrimary_stillReads() {
    byte[] old = cipher.encrypt(CLEAR, WHERE);
    Keyset two = keyset.withNewKey();
    int next = two.keyIds().get(1);
    FieldCipher rotated = Fixtures.cipher(two.withPrimary(next));
    assertThat(rotated.decrypt(old, WHERE)).isEqualTo(CLEAR);
    byte[] fresh = rotated.encrypt(CLEAR, WHERE);
    assertThat(ByteBuffer.wrap(fresh).getInt(1)).isEqualTo(next);
    assertThat(Fixtures.cipher(two).decrypt(fresh, WHERE)).isEqualTo(CLEAR);
    DecryptException unknown =
        assertReason(DecryptException.Reason.UNKNOWN_KEY, () -> cipher.decrypt(fresh, WHERE));
    assertThat(unknown).hasMessageContaining("key " + Integer.toUnsignedString(next));
  }

  @Test
  void decrypt_disabledOrDestroyedKey_saysSo() throws GeneralSecurityException {
    byte[] old = cipher.encrypt(CLEAR, WHERE);
    Keyset two = keyset.withNewKey();
    Keyset rotated = two.withPrimary(two.keyIds().get(1));
    for (KeyStatus status : List.of(KeyStatus.DISABLED, KeyStatus.DESTROYED)) {
      FieldCipher without =
          Fixtures.cipher(Fixtures.withStatus(rotated, keyset.primaryKeyId(), status));
      assertReason(DecryptException.Reason.DISABLED_KEY, () -> without.decrypt(old, WHERE));
      assertThat(without.health().details()).containsEntry("keys", "2");
    }
  }

  @Test
  void decrypt_plaintextThatWasNeverEncrypted_saysSo() {
    byte[] clear = "a value that somebody wrote in the clear".getBytes(StandardCharsets.UTF_8);
    DecryptException failure =
        assertReason(DecryptException.Reason.UNKNOWN_FORMAT, () -> cipher.decrypt(clear, WHERE));
    assertThat(failure).hasMessageContaining("is it encrypted?");
  }

  @Test
  void failures_always_keepPlaintextAndContextToThemselves() throws GeneralSecurityException {
    CipherContext secret = CipherContext.ofTable("Zebra-table").row("Zebra-row");
    byte[] sealed = cipher.encrypt(CLEAR, secret);
    DecryptException failure =
        assertReason(DecryptException.Reason.NOT_AUTHENTIC, () -> cipher.decrypt(sealed, WHERE));
    assertThat(failure)
        .hasNoCause()
        .hasMessage(
            "field cipher 'pii' cannot decrypt: changed since it was written, or written for"
                + " another context");
    assertThat(cipher.toString() + keyset + keyset.toTink() + secret).doesNotContain("Zebra");
  }

  @Test
  void decrypt_afterManyFailures_worksAndReusesNoFailedCipher() throws GeneralSecurityException {
    Aead tink = Fixtures.tink(keyset);
    byte[] good = tink.encrypt(CLEAR, WHERE.toAssociatedData());
    byte[] bad = good.clone();
    bad[bad.length - 1] ^= 1;
    for (int i = 0; i < 200; i++) {
      assertReason(DecryptException.Reason.NOT_AUTHENTIC, () -> cipher.decrypt(bad, WHERE));
      assertThat(cipher.decrypt(good, WHERE)).isEqualTo(CLEAR);
      assertThat(tink.decrypt(cipher.encrypt(CLEAR, WHERE), WHERE.toAssociatedData()))
          .isEqualTo(CLEAR);
    }
  }

  @Test
  void health_open_namesThePrimaryKey() {
    Health health = cipher.health();
    assertThat(health.status()).isEqualTo(Health.Status.UP);
    assertThat(health.details())
        .containsEntry("primary_key", Integer.toUnsignedString(keyset.primaryKeyId()))
        .containsEntry("keys", "1");
  }

  @Test
  void close_then_refusesWork() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    cipher.close();
    List<ThrowingCallable> calls =
        List.of(
            () -> cipher.encrypt(CLEAR, WHERE),
            () -> cipher.encrypt("text", WHERE),
            () -> cipher.decrypt(sealed, WHERE),
            () -> cipher.decryptToString(sealed, WHERE));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("field cipher 'pii' is closed");
    }
    assertThat(cipher.health().status()).isEqualTo(Health.Status.DOWN);
  }

  @Test
  void build_withoutKeyset_namesTheOption() {
    assertThatThrownBy(() -> FieldCipher.named("pii").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("field cipher 'pii': keyset or keyring must be given");
    assertThatThrownBy(() -> FieldCipher.named(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without null checks would do
  void encrypt_withoutContext_isRefused() {
    assertThatThrownBy(() -> cipher.encrypt(CLEAR, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("where");
    assertThatThrownBy(() -> cipher.decrypt(new byte[40], null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("where");
  }

  private static DecryptException assertReason(
      DecryptException.Reason reason, ThrowingCallable call) {
    DecryptException[] caught = new DecryptException[1];
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            DecryptException.class,
            failure -> {
              assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
              caught[0] = failure;
            });
    return caught[0];
  }
}

package dev.perfkit.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/**
 * Proves that our ciphertexts are Tink's: for one keyset and context, each reads what the other
 * wrote, at any size, and any change of ciphertext or context fails on both sides.
 */
class TinkFormatTest {

  private final Keyset keyset = Keyset.generate().withNewKey();
  private final FieldCipher ours = Fixtures.cipher(keyset);
  private final Aead tink;

  TinkFormatTest() throws GeneralSecurityException {
    tink = Fixtures.tink(keyset);
  }

  @Property(tries = 300)
  void tink_readsWhatWeWrite(
      @ForAll @Size(max = 9_000) byte[] plaintext,
      @ForAll @StringLength(min = 1, max = 200) String row)
      throws GeneralSecurityException {
    CipherContext where = context(row);
    byte[] sealed = ours.encrypt(plaintext, where);
    assertThat(tink.decrypt(sealed, where.toAssociatedData())).isEqualTo(plaintext);
    assertThat(sealed).hasSize(plaintext.length + Format.TINK.overhead());
    assertThat(sealed[0]).isEqualTo((byte) 1);
    assertThat(ByteBuffer.wrap(sealed).getInt(1)).isEqualTo(keyset.primaryKeyId());
  }

  @Property(tries = 300)
  void we_readWhatTinkWrites(
      @ForAll @Size(max = 9_000) byte[] plaintext,
      @ForAll @StringLength(min = 1, max = 200) String row)
      throws GeneralSecurityException {
    CipherContext where = context(row);
    byte[] sealed = tink.encrypt(plaintext, where.toAssociatedData());
    assertThat(ours.decrypt(sealed, where)).isEqualTo(plaintext);
  }

  @Property(tries = 300)
  void changedBit_isRefusedByBoth(
      @ForAll @Size(max = 300) byte[] plaintext,
      @ForAll @IntRange(max = Integer.MAX_VALUE) int position) {
    byte[] sealed = ours.encrypt(plaintext, Fixtures.WHERE);
    int bit = position % (sealed.length * 8);
    sealed[bit / 8] ^= (byte) (1 << (bit % 8));
    assertThatThrownBy(() -> ours.decrypt(sealed, Fixtures.WHERE))
        .isInstanceOf(DecryptException.class);
    assertThatThrownBy(() -> tink.decrypt(sealed, Fixtures.WHERE.toAssociatedData()))
        .isInstanceOf(GeneralSecurityException.class);
  }

  private static CipherContext context(String row) {
    CipherContext users = CipherContext.ofTable("users").column("email");
    try {
      return users.tenant("acme").row(row);
    } catch (IllegalArgumentException illFormed) {
      return users.row(row.hashCode());
    }
  }
}

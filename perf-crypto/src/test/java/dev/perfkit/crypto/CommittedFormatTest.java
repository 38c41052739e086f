package dev.perfkit.crypto;

import static dev.perfkit.crypto.Fixtures.WHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.aead.AesGcmKey;
import dev.perfkit.crypto.DecryptException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/**
 * Proves that the committed format is what its description says, by a second reader that is made of
 * the description and the JCE alone; that a ciphertext opens under one key only; and that epochs
 * and subkeys come and go without a message failing.
 */
class CommittedFormatTest {

  private static final byte[] CLEAR = "Zebra-4711".getBytes(StandardCharsets.UTF_8);
  private static final byte[] AD = WHERE.encoded();
  private static final int SALT_AT = 6;
  private static final int COMMITMENT_AT = 22;

  private final Keyset keyset = Keyset.generate();
  private final FieldCipher cipher = cipher(keyset);

  @Property(tries = 100)
  void description_readsWhatWeWrite(@ForAll @Size(max = 9_000) byte[] plaintext) throws Exception {
    byte[] sealed = cipher.encrypt(plaintext, WHERE);
    assertThat(sealed).hasSize(plaintext.length + 82).startsWith(0xC1, 1);
    assertThat(ByteBuffer.wrap(sealed).getInt(2)).isEqualTo(keyset.primaryKeyId());
    assertThat(Described.open(secret(keyset), sealed, AD)).isEqualTo(plaintext);
    assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(plaintext);
  }

  @Property(tries = 100)
  void we_readWhatTheDescriptionWrites(@ForAll @Size(max = 9_000) byte[] plaintext)
      throws Exception {
    byte[] salt = new byte[16];
    byte[] nonce = new byte[12];
    Randoms.fresh(salt);
    Randoms.fresh(nonce);
    byte[] sealed =
        Described.seal(secret(keyset), keyset.primaryKeyId(), salt, nonce, plaintext, AD);
    assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(plaintext);
  }

  @Test
  void decrypt_otherFormatThanItWrites_reads() {
    FieldCipher tink = Fixtures.cipher(keyset);
    assertThat(cipher.decrypt(tink.encrypt(CLEAR, WHERE), WHERE)).isEqualTo(CLEAR);
    assertThat(tink.decrypt(cipher.encrypt(CLEAR, WHERE), WHERE)).isEqualTo(CLEAR);
  }

  @Test
  void decrypt_flippedBitAtEveryPosition_fails() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] changed = sealed.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      Reason expected =
          bit < 16 ? Reason.UNKNOWN_FORMAT : bit < 48 ? Reason.UNKNOWN_KEY : Reason.NOT_AUTHENTIC;
      assertReason(expected, changed);
    }
    assertThat(cipher.decrypt(sealed, WHERE)).isEqualTo(CLEAR);
  }

  @Test
  void decrypt_cutOrExtended_fails() {
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int length = 0; length < sealed.length; length++) {
      assertReason(
          length < 82 ? Reason.TRUNCATED : Reason.NOT_AUTHENTIC, Arrays.copyOf(sealed, length));
    }
    assertReason(Reason.NOT_AUTHENTIC, Arrays.copyOf(sealed, sealed.length + 1));
  }

  @Test
  void decrypt_otherCommitmentWithARightTag_isNotAuthentic() throws Exception {
    // Only the commitment is wrong: the subkey, nonce and tag would do.
    byte[] sealed = cipher.encrypt(CLEAR, WHERE);
    for (int i = 0; i < 32; i++) {
      byte[] other = sealed.clone();
      other[COMMITMENT_AT + i] ^= 1;
      assertThat(Described.openIgnoringCommitment(secret(keyset), other, AD)).isEqualTo(CLEAR);
      assertReason(Reason.NOT_AUTHENTIC, other);
    }
  }

  @Test
  void open_forgedSalts_areNotKept() throws Exception {
    CommittedFormat format = format(secret(keyset), 1L << 31, 8);
    byte[] sealed = seal(format);
    for (int i = 0; i < 100; i++) {
      byte[] forged = sealed.clone();
      Randoms.fresh(forged);
      System.arraycopy(sealed, 0, forged, 0, SALT_AT);
      assertThatThrownBy(() -> open(format, forged)).isInstanceOf(AEADBadTagException.class);
    }
    assertThat(format.cachedSubkeys()).isZero();
  }

  @Test
  void open_moreSaltsThanSubkeysAreKept_readsThemAll() throws Exception {
    byte[][] sealed = new byte[40][];
    for (int i = 0; i < sealed.length; i++) {
      sealed[i] = seal(format(secret(keyset), 1L << 31, 8));
    }
    CommittedFormat reader = format(secret(keyset), 1L << 31, 8);
    for (int round = 0; round < 3; round++) {
      for (byte[] one : sealed) {
        assertThat(open(reader, one)).isEqualTo(CLEAR);
      }
    }
    assertThat(reader.cachedSubkeys()).isEqualTo(8);
  }

  @Test
  void find_afterUse_outlivesTheOthers() throws Exception {
    SubkeyCache cache = new SubkeyCache(4);
    byte[] secret = secret(keyset);
    byte[] used = header(secret, 0);
    for (int i = 0; i < 50; i++) {
      byte[] salt = new byte[16];
      salt[0] = (byte) i;
      cache.add(Subkey.derive(secret, 1, salt, Fixtures.engine()));
      assertThat(cache.find(used, 0)).isNotNull();
    }
    assertThat(cache.find(header(secret, 49), 0)).isNotNull();
    assertThat(cache.find(header(secret, 1), 0)).isNull();
    assertThat(cache.size()).isEqualTo(4);
  }

  @Test
  void seal_limitOfAnEpoch_beginsAnother() throws Exception {
    CommittedFormat format = format(secret(keyset), 64, 4);
    int most = 0;
    int inEpoch = 0;
    Set<String> salts = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      byte[] sealed = seal(format);
      inEpoch = salts.add(Arrays.toString(Subkey.saltAt(sealed, 0))) ? 1 : inEpoch + 1;
      most = Math.max(most, inEpoch);
      assertThat(open(format, sealed)).isEqualTo(CLEAR);
    }
    assertThat(most).isLessThanOrEqualTo(64);
    assertThat(salts).hasSizeGreaterThanOrEqualTo(1_000 / 64);
    assertThat(format.cachedSubkeys()).isLessThanOrEqualTo(4);
  }

  @Test
  void reseed_always_beginsANewEpoch() {
    byte[] before = cipher.encrypt(CLEAR, WHERE);
    byte[] same = cipher.encrypt(CLEAR, WHERE);
    cipher.reseed();
    byte[] after = cipher.encrypt(CLEAR, WHERE);
    assertThat(Subkey.saltAt(same, 0)).isEqualTo(Subkey.saltAt(before, 0));
    assertThat(Subkey.saltAt(after, 0)).isNotEqualTo(Subkey.saltAt(before, 0));
    assertThat(cipher.decrypt(before, WHERE)).isEqualTo(CLEAR);
    assertThat(cipher.decrypt(after, WHERE)).isEqualTo(CLEAR);
  }

  @Test
  void manyThreads_whileEpochsAndSubkeysChange_readEverything() throws Exception {
    CommittedFormat format = format(secret(keyset), 32, 1);
    ConcurrencyTest.together(
        thread -> {
          byte[] mine = seal(format);
          for (int i = 0; i < 200; i++) {
            byte[] sealed = seal(format);
            assertThat(open(format, sealed)).isEqualTo(CLEAR);
            assertThat(open(format, mine)).isEqualTo(CLEAR);
          }
        });
  }

  @Test
  void destroy_always_erasesAllSubkeys() throws Exception {
    CommittedFormat format = format(secret(keyset), 1L << 31, 8);
    byte[] foreign = seal(format(secret(keyset), 1L << 31, 8));
    byte[] own = seal(format);
    assertThat(open(format, foreign)).isEqualTo(CLEAR);
    assertThat(format.cachedSubkeys()).isEqualTo(1);
    format.destroy();
    assertThat(format.cachedSubkeys()).isZero();
    assertThatThrownBy(() -> open(format, foreign)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> open(format, own)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> seal(format)).isInstanceOf(IllegalStateException.class);
  }

  private static FieldCipher cipher(Keyset keyset) {
    return FieldCipher.named("pii").keyset(keyset).format(Format.C1).build();
  }

  private static CommittedFormat format(byte[] secret, long epochMessages, int cached) {
    return new CommittedFormat(
        7, new WipeableKey(secret), Fixtures.engine(), epochMessages, cached);
  }

  private static byte[] seal(CommittedFormat format) throws Exception {
    byte[] sealed = new byte[82 + CLEAR.length];
    format.seal(CLEAR, 0, CLEAR.length, AD, sealed, 0);
    return sealed;
  }

  private static byte[] open(CommittedFormat format, byte[] sealed)
      throws GeneralSecurityException {
    byte[] plain = new byte[sealed.length - 82];
    format.open(sealed, 0, sealed.length, AD, plain, 0);
    return plain;
  }

  private static byte[] header(byte[] secret, int number) throws GeneralSecurityException {
    byte[] salt = new byte[16];
    salt[0] = (byte) number;
    byte[] header = new byte[Subkey.HEADER_BYTES];
    Subkey.derive(secret, 1, salt, Fixtures.engine()).writeHeader(header, 0);
    return header;
  }

  private static byte[] secret(Keyset keyset) {
    return InsecureKeyAccess.bytesOf((AesGcmKey) keyset.toTink().getPrimary().getKey());
  }

  private void assertReason(Reason reason, byte[] sealed) {
    assertThatThrownBy(() -> cipher.decrypt(sealed, WHERE))
        .isInstanceOfSatisfying(
            DecryptException.class,
            failure -> assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason))
        .hasNoCause();
  }

  /** The format as docs/formats.md describes it, of JCE parts. */
  private static final class Described {

    static byte[] seal(
        byte[] key, int id, byte[] salt, byte[] nonce, byte[] plaintext, byte[] associatedData)
        throws Exception {
      byte[] both = derive(key, id, salt);
      Cipher gcm = gcm(Cipher.ENCRYPT_MODE, both, nonce, associatedData);
      return ByteBuffer.allocate(82 + plaintext.length)
          .put((byte) 0xC1)
          .put((byte) 1)
          .putInt(id)
          .put(salt)
          .put(both, 32, 32)
          .put(nonce)
          .put(gcm.doFinal(plaintext))
          .array();
    }

    static byte[] open(byte[] key, byte[] sealed, byte[] associatedData) throws Exception {
      byte[] both = derive(key, sealed);
      assertThat(Arrays.copyOfRange(sealed, 22, 54)).isEqualTo(Arrays.copyOfRange(both, 32, 64));
      return openIgnoringCommitment(key, sealed, associatedData);
    }

    static byte[] openIgnoringCommitment(byte[] key, byte[] sealed, byte[] associatedData)
        throws Exception {
      byte[] nonce = Arrays.copyOfRange(sealed, 54, 66);
      Cipher gcm = gcm(Cipher.DECRYPT_MODE, derive(key, sealed), nonce, associatedData);
      return gcm.doFinal(sealed, 66, sealed.length - 66);
    }

    private static byte[] derive(byte[] key, byte[] sealed) throws Exception {
      int id = ByteBuffer.wrap(sealed).getInt(2);
      return derive(key, id, Arrays.copyOfRange(sealed, 6, 22));
    }

    private static byte[] derive(byte[] key, int id, byte[] salt) throws Exception {
      byte[] name = "perfkit-crypto-C1".getBytes(StandardCharsets.US_ASCII);
      byte[] info = ByteBuffer.allocate(22).put(name).put((byte) 1).putInt(id).array();
      byte[] prk = hmac(salt, key);
      byte[] first = hmac(prk, concat(info, new byte[] {1}));
      byte[] second = hmac(prk, concat(concat(first, info), new byte[] {2}));
      return concat(first, second);
    }

    private static byte[] hmac(byte[] key, byte[] message) throws Exception {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(message);
    }

    private static Cipher gcm(int mode, byte[] key, byte[] nonce, byte[] associatedData)
        throws Exception {
      Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
      gcm.init(mode, new SecretKeySpec(key, 0, 32, "AES"), new GCMParameterSpec(128, nonce));
      gcm.updateAAD(associatedData);
      return gcm;
    }

    private static byte[] concat(byte[] a, byte[] b) {
      return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
    }
  }
}
